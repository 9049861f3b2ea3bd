/**
 * The counts of one source. Counting touches plain numbers only; who writes them down or reads them
 * adds up.
 */
import { type Measured, NO_SOURCE, type Reading } from '../observe/metrics.ts'
import type { Receipt } from './intake.ts'

export const outcomes = ['stored', 'duplicate', 'quarantined'] as const

export interface Counts {
  stored: number
  duplicate: number
  quarantined: number
  readonly refused: Map<string, number>
  /** Milliseconds since the epoch. */
  since: number
}

export class Tally implements Measured {
  /** Empty for what no source can be named for. */
  readonly source: string
  #counts: Counts
  /** What was taken and not given back. */
  readonly #taken: Counts
  #lastEventAt = 0

  constructor(source: string, since: number) {
    this.source = source
    this.#counts = noCounts(since)
    this.#taken = noCounts(since)
  }

  acknowledge(receipt: Receipt): void {
    const counts = this.#counts
    counts.stored += receipt.stored
    counts.duplicate += receipt.duplicate
    counts.quarantined += receipt.quarantined
  }

  refuse(reason: string): void {
    const { refused } = this.#counts
    refused.set(reason, (refused.get(reason) ?? 0) + 1)
  }

  /** Begins to count anew; null where nothing was counted. */
  take(now: number): Counts | null {
    const counts = this.#counts
    const events = eventsOf(counts)
    if (events > 0) this.#lastEventAt = now
    if (events + counts.refused.size === 0) return null
    this.#counts = noCounts(now)
    add(this.#taken, counts, 1)
    return counts
  }

  giveBack(counts: Counts): void {
    add(this.#counts, counts, 1)
    add(this.#taken, counts, -1)
    this.#counts.since = counts.since
  }

  /** Since the process began. */
  measure(reading: Reading): void {
    const total = noCounts(0)
    add(total, this.#taken, 1)
    add(total, this.#counts, 1)
    const source = this.source === '' ? NO_SOURCE : this.source
    for (const [reason, count] of total.refused)
      reading.number('inlet_refused_requests_total', count, { source, reason })
    if (this.source === '') return
    for (const outcome of outcomes)
      reading.number('inlet_events_total', total[outcome], { source, outcome })
    const lastEventAt = this.#lastEventAt / 1000
    reading.number('inlet_source_last_event_timestamp_seconds', lastEventAt, { source })
  }
}

function noCounts(since: number): Counts {
  return { stored: 0, duplicate: 0, quarantined: 0, refused: new Map(), since }
}

function eventsOf(counts: Counts): number {
  return outcomes.reduce((sum, outcome) => sum + counts[outcome], 0)
}

function add(into: Counts, counts: Counts, sign: 1 | -1): void {
  for (const outcome of outcomes) into[outcome] += sign * counts[outcome]
  for (const [reason, count] of counts.refused)
    into.refused.set(reason, (into.refused.get(reason) ?? 0) + sign * count)
}
