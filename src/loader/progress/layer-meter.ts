/** What silver or gold has done since the loader began, in plain numbers. */
import type { Measured, Reading } from '../../observe/metrics.ts'

export type LayerName = 'silver' | 'gold'

export class LayerMeter implements Measured {
  readonly #layer: LayerName
  readonly #onBehind: (positions: number) => void
  #behind = 0
  #rows = 0
  #retries = 0

  constructor(layer: LayerName, onBehind: (positions: number) => void = () => {}) {
    this.#layer = layer
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
    reading.number(`inlet_${this.#layer}_behind_positions`, this.#behind, {})
    reading.number(`inlet_${this.#layer}_rows_total`, this.#rows, {})
    reading.number(`inlet_${this.#layer}_retries_total`, this.#retries, {})
  }
}
