/**
 * Makes the tables of gold anew, out of silver and bronze, beside a loader that may be at work.
 *
 * Guarantee: the rows are those that the loader would make of the same silver and bronze; readers
 * see the old ones until a table is whole, then the new ones. Rows of days of which retention took
 * what they were made of stay as they are (./kept-days.ts). Whenever the process ends, the next
 * call goes on where it was (../progress/staged-table.ts).
 */
import type { Clock } from '../../core/clock.ts'
import type { DeltaTable } from '../../lake/delta/delta-table.ts'
import type { DataFile } from '../../lake/delta/table-state.ts'
import type { Lake } from '../../lake/lake.ts'
import type { Table } from '../../tables/table.ts'
import { LayerMeter } from '../progress/layer-meter.ts'
import { KEPT_BEFORE, rebuildsOf, SILVER_MARK } from '../progress/marks.ts'
import {
  type Keep,
  openStagedTable,
  type RebuildReport,
  type StagedTable,
  swapAll,
} from '../progress/staged-table.ts'
import { type GoldDeps, GoldRounds, type GoldRoundsOptions, goldenTables } from './gold-rounds.ts'
import { isKept, keptBefore } from './kept-days.ts'
import type { GoldTable } from './refresh.ts'
import type { GoldTarget } from './sources.ts'

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
  const made = new Map<Table, Making>()
  for (const golden of goldenTables) made.set(golden.table, await making(deps, golden))
  let all = 0
  const meter = new LayerMeter('gold', (behind) => {
    all = Math.max(all, behind)
    onProgress(all - behind, all)
  })
  const table = async (definition: Table) =>
    made.get(definition)?.target ?? deps.lake.table(definition)
  await new GoldRounds({ ...deps, meter, table }, options).run(signal)
  return swapAll(
    [...made.values()].map(({ staged }) => staged),
    signal,
  )
}

interface Making {
  readonly staged: StagedTable
  /** The one in the making, with the rows that stay beside it. */
  readonly target: GoldTarget
}

async function making(deps: GoldRebuildDeps, golden: GoldTable): Promise<Making> {
  const { lake } = deps
  const open = new Map<Table, DeltaTable>()
  for (const one of [golden.table, ...golden.follows]) open.set(one, await lake.table(one))
  for (const table of open.values()) await table.refresh()
  const live = await lake.table(golden.table)
  const first = keptBefore(golden, (one) => open.get(one) ?? live)
  const kept = (files: Iterable<DataFile>) => [...files].filter((file) => isKept(file, first))
  const marks = new Map([
    [SILVER_MARK, await rebuildsBefore(lake, golden)],
    ...(first === null ? [] : [[KEPT_BEFORE, first] as const]),
  ])
  const keep: Keep = async (files) => ({ stays: kept(files), adds: [] })
  const staged = await openStagedTable(deps, live, { marks, keep })
  const beside = kept(live.state.files.values()).map((file) => [file.key, file] as const)
  const { table } = staged
  const target: GoldTarget = {
    ...table,
    get state() {
      return { ...table.state, files: new Map([...beside, ...table.state.files]) }
    },
  }
  return { staged, target }
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
