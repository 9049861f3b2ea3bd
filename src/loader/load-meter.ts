/** What the loader has done since it began, in plain numbers. */
import {
  importPartition,
  operatorPartition,
  replayPartition,
} from '../journal/command-partitions.ts'
import type { Histogram } from '../observe/histogram.ts'
import { histogramOf, type Measured, type Reading } from '../observe/metrics.ts'
import type { Arrival } from '../tables/arrivals.ts'
import { reconcilePartition } from './gold/watermarks.ts'

/** What Inlet fetched or was handed: when it came says nothing of how long it was on the way. */
const handed: ReadonlySet<string> = new Set([
  ...[operatorPartition, replayPartition, importPartition, reconcilePartition],
])

export class LoadMeter implements Measured {
  readonly #freshness = histogramOf('inlet_freshness_seconds')
  /** By source. */
  readonly #latency = new Map<string, Histogram>()
  readonly #rows = { event: 0, duplicate: 0, dead_letter: 0, note: 0 }
  #commits = 0
  #retries = 0

  landed(rows: readonly Arrival[], now: number): void {
    this.#commits++
    let oldest = now
    for (const row of rows) {
      const { outcome, receivedAt } = row
      this.#rows[outcome]++
      if (receivedAt < oldest) oldest = receivedAt
      if (outcome === 'event') this.#delivered(row)
    }
    this.#freshness.observe((now - oldest) / 1000)
  }

  /** An event, the first time that it came. */
  #delivered({ source, eventTime, eventTimeSource, receivedAt, journalPartition }: Arrival): void {
    if (source === null || eventTime === null || eventTimeSource === 'received_at') return
    if (handed.has(journalPartition)) return
    let latency = this.#latency.get(source)
    if (latency === undefined) {
      latency = histogramOf('inlet_event_latency_seconds')
      this.#latency.set(source, latency)
    }
    latency.observe(Math.max(0, receivedAt - eventTime) / 1000)
  }

  retried(): void {
    this.#retries++
  }

  measure(reading: Reading): void {
    reading.number('inlet_loader_commits_total', this.#commits, {})
    reading.number('inlet_loader_retries_total', this.#retries, {})
    for (const [outcome, rows] of Object.entries(this.#rows))
      reading.number('inlet_loader_rows_total', rows, { outcome })
    reading.histogram('inlet_freshness_seconds', this.#freshness, {})
    for (const [source, latency] of this.#latency)
      reading.histogram('inlet_event_latency_seconds', latency, { source })
  }
}
