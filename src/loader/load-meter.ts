/** What the loader has done since it began, in plain numbers. */
import { histogramOf, type Measured, type Reading } from '../observe/metrics.ts'
import type { Arrival } from '../tables/arrivals.ts'

export class LoadMeter implements Measured {
  readonly #freshness = histogramOf('inlet_freshness_seconds')
  readonly #rows = { event: 0, duplicate: 0, dead_letter: 0, note: 0 }
  #commits = 0
  #retries = 0

  landed(rows: readonly Arrival[], now: number): void {
    this.#commits++
    let oldest = now
    for (const { outcome, receivedAt } of rows) {
      this.#rows[outcome]++
      if (receivedAt < oldest) oldest = receivedAt
    }
    this.#freshness.observe((now - oldest) / 1000)
  }

  retried(): void {
    this.#retries++
  }

  measure(reading: Reading): void {
    reading.number('inlet_loader_commits_total', this.#commits, {})
    reading.number('inlet_loader_retries_total', this.#retries, {})
    for (const [outcome, rows] of Object.entries(this.#rows))
      reading.number('inlet_loader_rows_total', rows, { outcome })
    reading.histogram('inlet_freshness_seconds', this.#freshness)
  }
}
