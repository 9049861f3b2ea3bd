/** What silver has done since the loader began, in plain numbers. */
import type { Measured, Reading } from '../../observe/metrics.ts'

export class SilverMeter implements Measured {
  readonly #onBehind: (positions: number) => void
  #behind = 0
  #rows = 0
  #retries = 0
  #spared = 0

  constructor(onBehind: (positions: number) => void = () => {}) {
    this.#onBehind = onBehind
  }

  isBehind(positions: number): void {
    this.#behind = positions
    this.#onBehind(positions)
  }

  committed(rows: number): void {
    this.#rows += rows
  }

  retried(): void {
    this.#retries++
  }

  spared(): void {
    this.#spared++
  }

  measure(reading: Reading): void {
    reading.number('inlet_silver_behind_positions', this.#behind, {})
    reading.number('inlet_silver_rows_total', this.#rows, {})
    reading.number('inlet_silver_retries_total', this.#retries, {})
    reading.number('inlet_silver_spared_total', this.#spared, {})
  }
}
