/** The rounds of silver or gold, again and again; a round that failed is counted and told. */
import type { Clock } from '../../core/clock.ts'
import { errorText } from '../../core/errors.ts'
import type { Lifecycle } from '../../core/lifecycle.ts'
import type { Observer } from '../../observe/events.ts'
import type { Measured } from '../../observe/metrics.ts'
import type { LayerMeter, LayerName } from './layer-meter.ts'
import { RoundLoop } from './round-loop.ts'

export interface Layer extends Lifecycle, Measured {
  /** Brings it to where what it follows stands at the moment of the call; rejects on failure. */
  flush(): Promise<void>
}

export interface LayerLoopDeps {
  readonly clock: Clock
  readonly observer: Observer
  readonly meter: LayerMeter
  readonly round: (signal: AbortSignal) => Promise<void>
}

export interface LayerLoopOptions {
  readonly name: LayerName
  readonly everyMs: number
}

export function layerLoop(deps: LayerLoopDeps, options: LayerLoopOptions): Layer {
  const { clock, observer, meter, round } = deps
  const onFailure = (error: unknown, waitMs: number) => {
    meter.retried()
    observer(`${options.name}_retrying`, { reason: errorText(error), waitMs })
  }
  const loop = new RoundLoop({ clock, round, onFailure }, options)
  return Object.assign(loop, { measure: meter.measure.bind(meter) })
}
