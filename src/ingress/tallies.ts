/**
 * The books of ingress: how many events were acknowledged and how many requests refused, by source.
 *
 * Each source's counts since its last tally are a note in the journal, written when they are
 * durable and at most once in TALLY_EVERY_MS. Counts whose note could not be written go into the
 * next one, so that they are counted once, if late. What was counted and not yet written is lost
 * with the process: then the books show fewer acknowledged than there are events, never more.
 *
 * The detail of a note, each count since the tally before:
 * `{"acknowledged":n,"stored":n,"duplicate":n,"quarantined":n,
 *   "refused":{"401":n},"since":ms,"until":ms}`
 * where `acknowledged` is the sum of the three after it, in events, and `refused` is in requests,
 * by status, or by `timeout`, `malformed` and `connections` where the connection was closed without
 * an answer. What no source can be named for stands under the source ''.
 */
import type { Clock } from '../core/clock.ts'
import type { NoteEntry } from '../journal/entry.ts'
import type { JournalWriter } from '../journal/journal.ts'
import type { Observer } from '../observe/events.ts'
import type { Counts, Tally } from './tally.ts'

export const TALLY_EVERY_MS = 1000

export interface TallyDeps {
  readonly journal: JournalWriter
  readonly clock: Clock
  readonly observer: Observer
}

/** Every tally of an ingress, and the one way they reach the journal. */
export class Tallies {
  readonly #deps: TallyDeps
  readonly #tallies: readonly Tally[]
  #writing: Promise<void> | null = null

  constructor(deps: TallyDeps, tallies: readonly Tally[]) {
    this.#deps = deps
    this.#tallies = tallies
  }

  /** Writes what has changed. Never rejects; calls that meet share one note a source. */
  write(): Promise<void> {
    this.#writing ??= this.#write().finally(() => {
      this.#writing = null
    })
    return this.#writing
  }

  /** Writes everything that is counted when it is called. */
  async writeAll(): Promise<void> {
    await this.#writing
    await this.write()
  }

  async #write(): Promise<void> {
    const { journal, clock, observer } = this.#deps
    const now = clock.now()
    const taken = this.#tallies.flatMap((tally) => {
      const counts = tally.take(now)
      return counts === null ? [] : [{ tally, counts }]
    })
    if (taken.length === 0) return
    try {
      await journal.append(taken.map(({ tally, counts }) => noteOf(tally.source, counts, now)))
      for (const { tally, counts } of taken) tellRefusals(observer, tally.source, counts)
    } catch {
      for (const { tally, counts } of taken) tally.giveBack(counts)
    }
  }
}

function noteOf(source: string, counts: Counts, until: number): NoteEntry {
  const { stored, duplicate, quarantined, refused, since } = counts
  const detail = JSON.stringify({
    acknowledged: stored + duplicate + quarantined,
    stored,
    duplicate,
    quarantined,
    refused: Object.fromEntries(refused),
    since,
    until,
  })
  return { kind: 'note', source, receivedAt: until, reason: 'tally', detail }
}

function tellRefusals(observer: Observer, source: string, counts: Counts): void {
  if (counts.refused.size === 0) return
  observer('ingress_refused', { source, ...Object.fromEntries(counts.refused) })
}
