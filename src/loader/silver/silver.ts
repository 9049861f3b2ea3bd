/**
 * Bronze to silver, again and again.
 *
 * Every `everyMs` the tables are brought to where bronze stands, in slices of bounded size. A slice
 * is read once, made into the rows of all tables, and committed to each with the positions that it
 * reaches.
 *
 * Guarantee: an event is in silver once, or told of in `silver.violations`, whatever ends this
 * process and wherever: each table goes on from where it stands itself. Of two loaders one loses
 * the race for a table and goes on behind the other. An event that DuckDB cannot take is found
 * (./narrowing.ts) and kept out. Bronze never waits for any of it.
 */
import type { DeltaTable } from '../../lake/delta/delta-table.ts'
import { type Layer, layerLoop } from '../progress/layer-loop.ts'
import { SilverMeter } from './silver-meter.ts'
import { type SilverDeps, SilverRounds, type SliceLimits } from './silver-rounds.ts'

export interface SilverOptions {
  readonly everyMs: number
  /** A folder for files in the making, on the store's file system. */
  readonly scratch: string
  readonly limits?: SliceLimits
  /** Of the process, where it is not the loader: tells the notes of their attempts apart. */
  readonly name?: string
}

export function openSilver(deps: SilverDeps, options: SilverOptions): Layer {
  const meter = new SilverMeter()
  const tables = () => tablesOf(deps)
  const rounds = new SilverRounds({ ...deps, meter, tables, isSpared: () => true }, options)
  return layerLoop(
    { ...deps, meter, round: (signal) => rounds.run(signal) },
    { name: 'silver', everyMs: options.everyMs },
  )
}

async function tablesOf({ lake, rows }: SilverDeps): Promise<DeltaTable[]> {
  const tables: DeltaTable[] = []
  for (const definition of rows.tables) tables.push(await lake.table(definition))
  return tables
}
