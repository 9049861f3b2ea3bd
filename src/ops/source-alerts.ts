/**
 * What is wrong with a source: it has fallen silent, or it delivers too much again.
 *
 * Guarantee: pure but for what it remembers, and it remembers nothing of an earlier process: time
 * counts from its beginning. An alert is told when it is raised and when it is over, once each.
 */
export interface AlertOptions {
  readonly silentAfterMs: number
  /** Deliveries again, as a share of all that a source delivered within the window. */
  readonly redeliveryRate: number
  readonly redeliveryWindowMs: number
}

/** Of one source, since the look before. */
export interface Heard {
  /** When it last delivered, ms since the epoch, as far as is known; 0 for never. */
  readonly lastEventAt: number
  readonly deliveries: number
  readonly duplicates: number
}

export type Change =
  | { readonly alert: 'silent'; readonly raised: boolean; readonly seconds: number }
  | { readonly alert: 'redelivery'; readonly raised: boolean; readonly rate: number }

/** Fewer deliveries within a window tell nothing of their sender. */
export const TELLING_DELIVERIES = 100

interface Slot {
  readonly at: number
  readonly deliveries: number
  readonly duplicates: number
}

export class SourceAlerts {
  readonly #options: AlertOptions
  #lastEventAt: number
  #slots: Slot[] = []
  #isSilent = false
  #isRepeating = false

  constructor(options: AlertOptions, now: number) {
    this.#options = options
    this.#lastEventAt = now
  }

  get isSilent(): boolean {
    return this.#isSilent
  }

  get isRepeating(): boolean {
    return this.#isRepeating
  }

  get redeliveryRate(): number {
    const { deliveries, duplicates } = this.#sums()
    return deliveries === 0 ? 0 : duplicates / deliveries
  }

  /** What has changed. Called again and again, with as little between as is to be told apart. */
  look(heard: Heard, now: number): Change[] {
    const { deliveries, duplicates } = heard
    if (deliveries > 0) this.#slots.push({ at: now, deliveries, duplicates })
    const oldest = now - this.#options.redeliveryWindowMs
    this.#slots = this.#slots.filter(({ at }) => at > oldest)
    return [...this.#silence(heard, now), ...this.#redelivery()]
  }

  #silence({ lastEventAt, deliveries }: Heard, now: number): Change[] {
    const before = this.#lastEventAt
    this.#lastEventAt = Math.max(before, deliveries > 0 ? now : 0, lastEventAt)
    const silentMs = now - this.#lastEventAt
    const isSilent = silentMs >= this.#options.silentAfterMs
    if (isSilent === this.#isSilent) return []
    this.#isSilent = isSilent
    const forMs = isSilent ? silentMs : this.#lastEventAt - before
    return [{ alert: 'silent', raised: isSilent, seconds: Math.round(forMs / 1000) }]
  }

  #redelivery(): Change[] {
    const rate = this.redeliveryRate
    const isTelling = this.#sums().deliveries >= TELLING_DELIVERIES
    const isRepeating = isTelling && rate > this.#options.redeliveryRate
    if (isRepeating === this.#isRepeating) return []
    this.#isRepeating = isRepeating
    return [{ alert: 'redelivery', raised: isRepeating, rate: Math.round(rate * 1000) / 1000 }]
  }

  #sums() {
    let [deliveries, duplicates] = [0, 0]
    for (const slot of this.#slots) {
      deliveries += slot.deliveries
      duplicates += slot.duplicates
    }
    return { deliveries, duplicates }
  }
}
