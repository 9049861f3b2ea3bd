/**
 * Watches shares: how many of so many are amiss, by key, over a window of time.
 *
 * A share that is too large is told when it begins and when it is over, once each. Where only a
 * turn for the worse is worth telling, a key must have been fine before, as long as anything is
 * known of it: a column that is null in every other row says nothing, one that never was does.
 *
 * Guarantee: pure but for what it remembers, which is bounded: of more than `MOST_KEYS` the rest
 * is not watched.
 */
export interface ShareOptions {
  /** A larger share is too large. */
  readonly most: number
  readonly windowMs: number
  /** Whether a key must have been fine before the window. */
  readonly onlyTurns: boolean
}

/** Since the look before. */
export interface Share {
  readonly key: string
  readonly all: number
  readonly amiss: number
}

export interface ShareChange {
  readonly key: string
  readonly raised: boolean
  /** Over the window, to three digits. */
  readonly share: number
}

/** Fewer tell nothing. */
export const TELLING = 100
/** What came before must be more than a window may well be. */
export const TELLING_BEFORE = 1000
export const MOST_KEYS = 20_000

interface Slot {
  readonly at: number
  readonly all: number
  readonly amiss: number
}

interface Watched {
  slots: Slot[]
  before: { all: number; amiss: number }
  isRaised: boolean
}

export class ShareWatch {
  readonly #options: ShareOptions
  readonly #watched = new Map<string, Watched>()

  constructor(options: ShareOptions) {
    this.#options = options
  }

  /** How many keys are amiss. */
  get raised(): number {
    let count = 0
    for (const { isRaised } of this.#watched.values()) count += Number(isRaised)
    return count
  }

  /** What has changed; also of keys of which nothing came. */
  look(shares: readonly Share[], now: number): ShareChange[] {
    for (const { key, all, amiss } of shares) this.#of(key)?.slots.push({ at: now, all, amiss })
    const changes: ShareChange[] = []
    for (const [key, watched] of this.#watched) {
      this.#letGo(watched, now - this.#options.windowMs)
      const change = this.#judge(watched)
      if (change !== null) changes.push({ key, ...change })
    }
    return changes
  }

  #of(key: string): Watched | undefined {
    const known = this.#watched.get(key)
    if (known !== undefined || this.#watched.size >= MOST_KEYS) return known
    const added: Watched = { slots: [], before: { all: 0, amiss: 0 }, isRaised: false }
    this.#watched.set(key, added)
    return added
  }

  /** What leaves the window is what came before, unless it was amiss: it must not become usual. */
  #letGo(watched: Watched, until: number): void {
    const left = watched.slots.filter(({ at }) => at <= until)
    if (left.length === 0) return
    watched.slots = watched.slots.filter(({ at }) => at > until)
    if (watched.isRaised) return
    const { all, amiss } = sumOf(left)
    watched.before = { all: watched.before.all + all, amiss: watched.before.amiss + amiss }
  }

  #judge(watched: Watched): { raised: boolean; share: number } | null {
    const { most, onlyTurns } = this.#options
    const { slots, before, isRaised } = watched
    const { all, amiss } = sumOf(slots)
    const wasFine = before.all >= TELLING_BEFORE && before.amiss <= most * before.all
    const raised = all >= TELLING && amiss > most * all && (!onlyTurns || wasFine)
    if (raised === isRaised) return null
    watched.isRaised = raised
    return { raised, share: all === 0 ? 0 : Math.round((1000 * amiss) / all) / 1000 }
  }
}

function sumOf(slots: readonly Omit<Slot, 'at'>[]): { all: number; amiss: number } {
  let [all, amiss] = [0, 0]
  for (const slot of slots) {
    all += slot.all
    amiss += slot.amiss
  }
  return { all, amiss }
}
