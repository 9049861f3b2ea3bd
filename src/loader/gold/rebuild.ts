/**
 * Makes the tables of gold anew, out of silver and bronze, beside a loader that may be at work.
 *
 * Guarantee: the rows are those that the loader would make of the same silver and bronze; readers
 * see the old ones until a table is whole, then the new ones. Whenever the process ends, the next
 * call goes on where it was (../silver/staged-table.ts).
 */
import { join } from 'node:path'
import type { Clock } from '../../core/clock.ts'
import { InletError } from '../../core/errors.ts'
import type { Locks } from '../../core/lock.ts'
import type { Lake } from '../../lake/lake.ts'
import type { Table } from '../../tables/table.ts'
import { openStagedTable, type StagedTable } from '../silver/staged-table.ts'
import { GoldMeter } from './gold-meter.ts'
import { type GoldDeps, GoldRounds, type GoldRoundsOptions, goldenTables } from './gold-rounds.ts'

export interface GoldRebuildDeps extends Omit<GoldDeps, 'table'> {
  readonly lake: Lake
  readonly clock: Clock
  readonly locks: Locks
}

export interface GoldRebuildOptions extends GoldRoundsOptions {
  readonly signal: AbortSignal
  /** Positions that are done, of all, over the tables. */
  readonly onProgress: (done: number, of: number) => void
}

export interface GoldRebuildReport {
  readonly tables: readonly { readonly table: string; readonly rows: number }[]
}

/** Rejects with INL_LDR_REBUILDING while another does the same, and where `signal` aborts. */
export async function rebuildGold(
  deps: GoldRebuildDeps,
  options: GoldRebuildOptions,
): Promise<GoldRebuildReport> {
  const lock = deps.locks.acquire(join(options.scratch, 'gold-rebuild.lock'))
  if (lock === null) throw new InletError('INL_LDR_REBUILDING', { layer: 'gold' })
  try {
    return await rebuild(deps, options)
  } finally {
    lock.release()
  }
}

async function rebuild(
  deps: GoldRebuildDeps,
  options: GoldRebuildOptions,
): Promise<GoldRebuildReport> {
  const { signal, onProgress } = options
  const staged = new Map<Table, StagedTable>()
  for (const { table } of goldenTables)
    staged.set(table, await openStagedTable(deps, await deps.lake.table(table)))
  let all = 0
  const meter = new GoldMeter((behind) => {
    all = Math.max(all, behind)
    onProgress(all - behind, all)
  })
  const table = async (definition: Table) =>
    staged.get(definition)?.table ?? deps.lake.table(definition)
  await new GoldRounds({ ...deps, meter, table }, options).run(signal)
  const tables: { table: string; rows: number }[] = []
  for (const [{ name }, one] of staged) {
    signal.throwIfAborted()
    tables.push({ table: name, rows: await one.swap() })
  }
  return { tables }
}
