/** What silver has done since the loader began: beside the usual, events that it spared. */
import type { Reading } from '../../observe/metrics.ts'
import { LayerMeter } from '../progress/layer-meter.ts'

export class SilverMeter extends LayerMeter {
  #spared = 0

  constructor(onBehind?: (positions: number) => void) {
    super('silver', onBehind)
  }

  spared(): void {
    this.#spared++
  }

  override measure(reading: Reading): void {
    super.measure(reading)
    reading.number('inlet_silver_spared_total', this.#spared, {})
  }
}
