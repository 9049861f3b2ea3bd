/**
 * Silver and bronze to gold, again and again.
 *
 * Every `everyMs` what changed is counted again: the conversations, half hours, agents' days and
 * hours that anything new touches. Each table is committed by itself, rows and progress at once.
 *
 * Guarantee: the rows are a function of silver and bronze, whatever ends this process and wherever.
 * Of two loaders one loses the race for a table and goes on behind the other. Bronze and silver
 * never wait for any of it.
 */
import type { Clock } from '../../core/clock.ts'
import { errorText } from '../../core/errors.ts'
import type { Lifecycle } from '../../core/lifecycle.ts'
import type { Lake } from '../../lake/lake.ts'
import type { Measured } from '../../observe/metrics.ts'
import type { Table } from '../../tables/table.ts'
import { RoundLoop } from '../progress/round-loop.ts'
import { GoldMeter } from './gold-meter.ts'
import { type GoldDeps, GoldRounds, type GoldRoundsOptions } from './gold-rounds.ts'

export interface GoldRunDeps extends Omit<GoldDeps, 'table'> {
  readonly lake: Lake
  readonly clock: Clock
}

export interface GoldRunOptions extends GoldRoundsOptions {
  readonly everyMs: number
}

export interface Gold extends Lifecycle, Measured {
  /** Brings gold to where silver and bronze stand; rejects where that fails. */
  flush(): Promise<void>
}

export function openGold(deps: GoldRunDeps, options: GoldRunOptions): Gold {
  const meter = new GoldMeter()
  const table = (definition: Table) => deps.lake.table(definition)
  const rounds = new GoldRounds({ ...deps, table, meter }, options)
  const loop = new RoundLoop(
    {
      clock: deps.clock,
      round: (signal) => rounds.run(signal),
      onFailure: (error, waitMs) => {
        meter.retried()
        deps.observer('gold_retrying', { reason: errorText(error), waitMs })
      },
    },
    { name: 'gold', everyMs: options.everyMs },
  )
  return Object.assign(loop, { measure: meter.measure.bind(meter) })
}
