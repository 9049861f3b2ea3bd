/** What gold has done since the loader began, in plain numbers. */
import type { Measured, Reading } from '../../observe/metrics.ts'

export class GoldMeter implements Measured {
  readonly #onBehind: (positions: number) => void
  #behind = 0
  #rows = 0
  #retries = 0

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

  measure(reading: Reading): void {
    reading.number('inlet_gold_behind_positions', this.#behind, {})
    reading.number('inlet_gold_rows_total', this.#rows, {})
    reading.number('inlet_gold_retries_total', this.#retries, {})
  }
}
