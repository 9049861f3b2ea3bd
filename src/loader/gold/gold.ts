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
import type { Lake } from '../../lake/lake.ts'
import type { Table } from '../../tables/table.ts'
import { type Layer, layerLoop } from '../progress/layer-loop.ts'
import { LayerMeter } from '../progress/layer-meter.ts'
import { type GoldDeps, GoldRounds, type GoldRoundsOptions } from './gold-rounds.ts'

export interface GoldRunDeps extends Omit<GoldDeps, 'table'> {
  readonly lake: Lake
  readonly clock: Clock
}

export interface GoldRunOptions extends GoldRoundsOptions {
  readonly everyMs: number
}

export function openGold(deps: GoldRunDeps, options: GoldRunOptions): Layer {
  const meter = new LayerMeter('gold')
  const table = (definition: Table) => deps.lake.table(definition)
  const rounds = new GoldRounds({ ...deps, table, meter }, options)
  return layerLoop(
    { ...deps, meter, round: (signal) => rounds.run(signal) },
    { name: 'gold', everyMs: options.everyMs },
  )
}
