/**
 * Makes the tables of gold anew, out of silver and bronze, beside a loader that may be at work.
 *
 * Guarantee: the rows are those that the loader would make of the same silver and bronze; readers
 * see the old ones until a table is whole, then the new ones. Whenever the process ends, the next
 * call goes on where it was (../progress/staged-table.ts).
 */
import type { Clock } from '../../core/clock.ts'
import type { Lake } from '../../lake/lake.ts'
import type { Table } from '../../tables/table.ts'
import { LayerMeter } from '../progress/layer-meter.ts'
import { rebuildsOf, SILVER_MARK } from '../progress/marks.ts'
import {
  openStagedTable,
  type RebuildReport,
  type StagedTable,
  swapAll,
} from '../progress/staged-table.ts'
import { type GoldDeps, GoldRounds, type GoldRoundsOptions, goldenTables } from './gold-rounds.ts'
import type { GoldTable } from './refresh.ts'

export interface GoldRebuildDeps extends Omit<GoldDeps, 'table'> {
  readonly lake: Lake
  readonly clock: Clock
}

export interface GoldRebuildOptions extends GoldRoundsOptions {
  readonly signal: AbortSignal
  /** Positions that are done, of all, over the tables. */
  readonly onProgress: (done: number, of: number) => void
}

/** One at a time, which the caller sees to. Rejects where `signal` aborts. */
export async function rebuildGold(
  deps: GoldRebuildDeps,
  options: GoldRebuildOptions,
): Promise<RebuildReport> {
  const { signal, onProgress } = options
  const staged = new Map<Table, StagedTable>()
  for (const golden of goldenTables) {
    const marks = new Map([[SILVER_MARK, await rebuildsBefore(deps.lake, golden)]])
    const { table } = golden
    staged.set(table, await openStagedTable(deps, await deps.lake.table(table), marks))
  }
  let all = 0
  const meter = new LayerMeter('gold', (behind) => {
    all = Math.max(all, behind)
    onProgress(all - behind, all)
  })
  const table = async (definition: Table) =>
    staged.get(definition)?.table ?? deps.lake.table(definition)
  await new GoldRounds({ ...deps, meter, table }, options).run(signal)
  return swapAll([...staged.values()], signal)
}

/** Whether a table of gold was made of silver as it was before that was made anew. */
export async function isOfOldSilver(lake: Lake): Promise<boolean> {
  for (const golden of goldenTables) {
    const table = await lake.table(golden.table)
    await table.refresh()
    if ((table.txn(SILVER_MARK) ?? 0) !== (await rebuildsBefore(lake, golden))) return true
  }
  return false
}

async function rebuildsBefore(lake: Lake, { follows }: GoldTable): Promise<number> {
  const tables = await Promise.all(follows.map((table) => lake.table(table)))
  for (const table of tables) await table.refresh()
  return rebuildsOf(tables)
}
