/**
 * How fast an organisation is asked: everybody in this process waits here for their turn.
 *
 * Guarantee: in no stretch of 60 seconds do more than `perMinute` requests begin; Genesys refuses
 * the 301st of a minute. What answers say of its own count (`inin-ratelimit-*`) can only slow it
 * down: a lower limit holds for ten minutes after it was told last. Of who waits, the most urgent
 * goes first, then who came first; the last places of a minute are kept for the urgent.
 */
import type { Clock } from '../core/clock.ts'
import { type Urgency, urgencies } from './client.ts'

export interface GovernorOptions {
  readonly perMinute: number
}

/** What an answer says: how many requests were counted, may be, and when counting begins anew. */
export interface ToldLimit {
  readonly count: number
  readonly allowed: number
  readonly resetMs: number
}

const WINDOW_MS = 60_000
/** Of a minute's places, how far each may take it. */
const shares: Readonly<Record<Urgency, number>> = { high: 1, normal: 0.9, low: 0.7 }
const LOWERED_MS = 600_000
/** Others may use the same client: of what is allowed, this much is taken. */
const TAKEN_SHARE = 0.93

interface Waiter {
  readonly admit: () => void
}

export class Governor {
  readonly #clock: Clock
  readonly #perMinute: number
  readonly #lanes: Readonly<Record<Urgency, Waiter[]>> = { high: [], normal: [], low: [] }
  /** When requests of the last minute began, oldest first. */
  #begun: number[] = []
  #closedUntil = Number.NEGATIVE_INFINITY
  #lowered = { perMinute: Number.POSITIVE_INFINITY, until: Number.NEGATIVE_INFINITY }
  #timer = new AbortController()
  #waitedMs = 0

  constructor({ clock }: { readonly clock: Clock }, { perMinute }: GovernorOptions) {
    this.#clock = clock
    this.#perMinute = perMinute
  }

  get waiting(): number {
    return urgencies.reduce((sum, urgency) => sum + this.#lanes[urgency].length, 0)
  }

  /** Of all requests that had to wait, together. */
  get waitedMs(): number {
    return this.#waitedMs
  }

  /** Resolves when a request may begin, which counts it; it must begin at once. */
  async turn(urgency: Urgency, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted()
    const cameAt = this.#clock.elapsed()
    await new Promise<void>((resolve, reject) => {
      const lane = this.#lanes[urgency]
      const waiter = {
        admit: () => {
          signal?.removeEventListener('abort', leave)
          resolve()
        },
      }
      const leave = () => {
        lane.splice(lane.indexOf(waiter), 1)
        reject(signal?.reason)
      }
      signal?.addEventListener('abort', leave, { once: true })
      lane.push(waiter)
      this.#admit()
    })
    this.#waitedMs += this.#clock.elapsed() - cameAt
  }

  /** Nobody goes on for `ms`. */
  close(ms: number): void {
    this.#closedUntil = Math.max(this.#closedUntil, this.#clock.elapsed() + ms)
    this.#admit()
  }

  told({ count, allowed, resetMs }: ToldLimit): void {
    const perMinute = Math.max(1, Math.floor(allowed * TAKEN_SHARE))
    const now = this.#clock.elapsed()
    if (perMinute <= this.#limit(now)) this.#lowered = { perMinute, until: now + LOWERED_MS }
    if (count >= perMinute) this.close(resetMs)
  }

  /** Lets go on whoever may, and comes again when the next one may. */
  #admit(): void {
    this.#timer.abort()
    const now = this.#clock.elapsed()
    this.#begun = this.#begun.filter((at) => at >= now - WINDOW_MS)
    let soonest = Number.POSITIVE_INFINITY
    for (const urgency of urgencies) {
      const lane = this.#lanes[urgency]
      while (lane.length > 0) {
        const waitMs = this.#wait(urgency, now)
        soonest = Math.min(soonest, waitMs > 0 ? waitMs : soonest)
        if (waitMs > 0) break
        this.#begun.push(now)
        lane.shift()?.admit()
      }
    }
    if (soonest === Number.POSITIVE_INFINITY) return
    this.#timer = new AbortController()
    this.#clock.sleep(Math.ceil(soonest), this.#timer.signal).then(
      () => this.#admit(),
      () => undefined,
    )
  }

  /** Ms until a request of that urgency may begin; 0 or less for at once. */
  #wait(urgency: Urgency, now: number): number {
    const places = Math.max(1, Math.floor(this.#limit(now) * shares[urgency]))
    const inTheWay = this.#begun.at(-places)
    const free = inTheWay === undefined ? now : inTheWay + WINDOW_MS + 1
    return Math.max(free, this.#closedUntil) - now
  }

  #limit(now: number): number {
    const lowered = now < this.#lowered.until ? this.#lowered.perMinute : this.#perMinute
    return Math.min(this.#perMinute, lowered)
  }
}
