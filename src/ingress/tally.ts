/**
 * The counts of one source. Counting touches plain numbers only; who writes them down or reads them
 * adds up.
 */
import { type Measured, NO_SOURCE, type Reading } from '../observe/metrics.ts'
import type { Receipt } from './intake.ts'

/** Of the events that are durable. */
export const kept = ['stored', 'duplicate', 'quarantined'] as const
export const outcomes = [...kept, 'filtered', 'shed'] as const

/** Of what was shed between two notes, ids are kept up to here. */
export const SHED_IDS = 1000

export interface Counts {
  stored: number
  duplicate: number
  quarantined: number
  filtered: number
  /** The filtered ones by reason. */
  readonly filteredFor: Map<string, number>
  shed: number
  /** Of the first SHED_IDS that were shed. */
  readonly shedIds: string[]
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
    if (receipt.filtered > 0) {
      counts.filtered += receipt.filtered
      addAll(counts.filteredFor, receipt.filteredFor, 1)
    }
    if (receipt.shed.length > 0) {
      counts.shed += receipt.shed.length
      name(counts.shedIds, receipt.shed)
    }
  }

  refuse(reason: string): void {
    addTo(this.#counts.refused, reason, 1)
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
    name(this.#counts.shedIds, counts.shedIds)
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
    for (const [reason, count] of total.filteredFor)
      reading.number('inlet_filtered_events_total', count, { source, reason })
    const lastEventAt = this.#lastEventAt / 1000
    reading.number('inlet_source_last_event_timestamp_seconds', lastEventAt, { source })
  }
}

function noCounts(since: number): Counts {
  return {
    stored: 0,
    duplicate: 0,
    quarantined: 0,
    filtered: 0,
    filteredFor: new Map(),
    shed: 0,
    shedIds: [],
    refused: new Map(),
    since,
  }
}

function eventsOf(counts: Counts): number {
  return outcomes.reduce((sum, outcome) => sum + counts[outcome], 0)
}

function add(into: Counts, counts: Counts, sign: 1 | -1): void {
  for (const outcome of outcomes) into[outcome] += sign * counts[outcome]
  addAll(into.filteredFor, counts.filteredFor, sign)
  addAll(into.refused, counts.refused, sign)
}

function addAll(into: Map<string, number>, counts: ReadonlyMap<string, number>, sign: 1 | -1) {
  for (const [reason, count] of counts) addTo(into, reason, sign * count)
}

function addTo(into: Map<string, number>, reason: string, count: number): void {
  into.set(reason, (into.get(reason) ?? 0) + count)
}

function name(into: string[], ids: readonly string[]): void {
  for (const id of ids.slice(0, SHED_IDS - into.length)) into.push(id)
}
