/**
 * The books of ingress: how many events were acknowledged and how many requests refused, by source.
 *
 * Each source's counts since its last tally are a note in the journal (./tally-note.ts), written
 * when they are durable and at most once in TALLY_EVERY_MS. Counts whose note could not be written
 * go into the next one, so that they are counted once, if late. What a killed process had counted
 * and not written is lost; its events are found by their positions, which no tally then covers.
 */
import type { Clock } from '../core/clock.ts'
import type { JournalWriter } from '../journal/journal.ts'
import type { Observer } from '../observe/events.ts'
import { NO_SOURCE } from '../observe/metrics.ts'
import type { Counts, Tally } from './tally.ts'
import { tallyNote } from './tally-note.ts'

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
  /** Everything below it was told, or belongs to an earlier process. */
  #toldTo: number
  #writing: Promise<void> | null = null

  constructor(deps: TallyDeps, tallies: readonly Tally[]) {
    this.#deps = deps
    this.#tallies = tallies
    this.#toldTo = deps.journal.durableEnd
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
    const covers = { until: clock.now(), from: this.#toldTo, to: journal.durableEnd }
    const taken = this.#tallies.flatMap((tally) => {
      const counts = tally.take(covers.until)
      return counts === null ? [] : [{ tally, counts }]
    })
    if (taken.length === 0) return
    try {
      await journal.append(
        taken.map(({ tally, counts }) => tallyNote(tally.source, counts, covers)),
      )
      this.#toldTo = covers.to
      for (const { tally, counts } of taken) tellRefusals(observer, tally.source, counts)
    } catch {
      for (const { tally, counts } of taken) tally.giveBack(counts)
    }
  }
}

function tellRefusals(observer: Observer, source: string, counts: Counts): void {
  if (counts.refused.size === 0) return
  const named = source === '' ? NO_SOURCE : source
  observer('ingress_refused', { source: named, ...Object.fromEntries(counts.refused) })
}
