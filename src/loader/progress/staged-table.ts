/**
 * A table of silver or gold in the making, beside the one that readers see.
 *
 * Its files lie among those of the table itself, where nothing names them yet; what they are, and
 * how far they reach in the journal, is told by a log of their own under `_rebuild`, which is one
 * of Delta Lake as well. So it is made step by step as any other is, exactly once, and goes on
 * wherever its process ended. `swap` puts it in the place of the table, in one commit.
 *
 * Guarantee: readers and writers of the table see the old rows or the new ones. A loader that has
 * brought the table further meanwhile does so again: the positions that it reached are those of the
 * new rows. Rows that cannot be made anew stay where they are (`Keep`).
 */

import type { Clock } from '../../core/clock.ts'
import type { Random } from '../../core/random.ts'
import { readCheckpoint } from '../../lake/delta/checkpoint.ts'
import type { NewFile, TxnStep } from '../../lake/delta/commit.ts'
import {
  type DeltaTable,
  findDeltaTable,
  openDeltaTable,
  tableKey,
} from '../../lake/delta/delta-table.ts'
import type { DataFile } from '../../lake/delta/table-state.ts'
import { unreferencedFileRetentionMs } from '../../lake/delta/vacuum.ts'
import type { SqlEngine } from '../../lake/sql/duckdb.ts'
import type { ObjectStore } from '../../lake/store/object-store.ts'
import { type Marks, REBUILDS } from './marks.ts'
import { standingOf } from './standing.ts'

export interface StagedDeps {
  readonly store: ObjectStore
  readonly engine: SqlEngine
  readonly clock: Clock
  readonly random: Random
}

/** Where rows go: a table, or one in the making. */
export type LayerTable = Pick<
  DeltaTable,
  'definition' | 'key' | 'state' | 'txn' | 'publish' | 'commit' | 'refresh'
>

/** Rows of a table that stay, because nothing is left that they could be made of. */
export interface Kept {
  /** Files that stay as they are. */
  readonly stays: readonly DataFile[]
  /** Published files with such rows of others. */
  readonly adds: readonly NewFile[]
}

/** Chooses among the files that a table has at the moment. */
export type Keep = (files: readonly DataFile[]) => Promise<Kept>

export const keepNothing: Keep = async () => ({ stays: [], adds: [] })

export interface StagedTable {
  /** To be brought to where what it follows stands. */
  readonly table: LayerTable
  /** Puts it in the place of the table. */
  swap(): Promise<Swapped>
}

/** How many rows the table has then, and how many of them had stayed. */
export interface Swapped {
  readonly rows: number
  readonly kept: number
}

/** Whoever rebuilds, or must not meet a rebuild, holds it in the folder for files in the making. */
export const rebuildLock = 'rebuild.lock'

/** Vacuum takes a file that nothing names for abandoned after a day: then it is made anew. */
const longestMs = unreferencedFileRetentionMs / 2

/** What was begun under other marks is thrown away: rows of two kinds are never mixed. */
export async function openStagedTable(
  deps: StagedDeps,
  live: DeltaTable,
  { marks, keep = keepNothing }: { readonly marks: Marks; readonly keep?: Keep },
): Promise<StagedTable> {
  await live.refresh()
  const staged = await openStaging(deps, live, marks)
  const { definition, key } = live
  const publish = live.publish.bind(live)
  const commit = staged.commit.bind(staged)
  const table: LayerTable = {
    ...{ definition, key, publish, commit },
    txn: (appId) => staged.txn(appId),
    refresh: () => staged.refresh(),
    get state() {
      return staged.state
    },
  }
  return {
    table,
    async swap() {
      const swapped = await putInPlace(live, staged, keep)
      await removeStaging(deps.store, live)
      return swapped
    },
  }
}

/** Of each table that was made anew. */
export interface RebuildReport {
  readonly tables: readonly ({ readonly table: string } & Swapped)[]
}

/** Table by table. Rejects between two of them where `signal` aborts. */
export async function swapAll(
  all: readonly StagedTable[],
  signal: AbortSignal,
): Promise<RebuildReport> {
  const tables: RebuildReport['tables'][number][] = []
  for (const { table, swap } of all) {
    signal.throwIfAborted()
    tables.push({ table: table.definition.name, ...(await swap()) })
  }
  return { tables }
}

/** Takes away what a rebuild that broke off has left; none may be at work. */
export async function discardStaging(deps: StagedDeps, live: DeltaTable): Promise<void> {
  const staged = await findDeltaTable(...stagingOf(deps, live))
  if (staged === null) return
  const { files } = await live.refresh()
  const inPlace = new Set(files.map(({ key }) => key))
  for (const key of staged.state.files.keys())
    if (!inPlace.has(key)) await deps.store.remove(`${live.key}/${key}`)
  await removeStaging(deps.store, live)
}

function stagingOf(deps: StagedDeps, live: DeltaTable) {
  const definition = { ...live.definition, name: `${live.definition.name}._rebuild` }
  const read = (path: string) => readCheckpoint(deps.engine, path)
  return [{ ...deps, readCheckpoint: read }, definition] as const
}

async function openStaging(deps: StagedDeps, live: DeltaTable, marks: Marks): Promise<DeltaTable> {
  const number = (live.txn(REBUILDS) ?? 0) + 1
  const open = () => openDeltaTable(...stagingOf(deps, live))
  let staged = await open()
  const begun = staged.txn(REBUILDS)
  const createdAt = staged.state.metaData?.createdTime ?? 0
  const isOld = deps.clock.now() - createdAt > longestMs
  if (begun !== null && (begun !== number || isOld || !hasMarks(staged, marks))) {
    await removeStaging(deps.store, live)
    staged = await open()
  }
  if (staged.txn(REBUILDS) === null) {
    // Where another process began one meanwhile, this changes nothing.
    const txns = [...marks, [REBUILDS, number] as const].map(([appId, to]) => {
      return { appId, from: null, to }
    })
    await staged.commit({ operation: 'REBUILD', txns })
  }
  return staged
}

function hasMarks(staged: DeltaTable, marks: Marks): boolean {
  return [...marks].every(([appId, mark]) => staged.txn(appId) === mark)
}

async function putInPlace(live: DeltaTable, staged: DeltaTable, keep: Keep): Promise<Swapped> {
  const made = [...staged.state.files.values()]
  const number = staged.txn(REBUILDS) ?? 1
  for (;;) {
    const { files } = await live.refresh()
    // Of a process that was slower to stop than this one was to begin.
    if ((live.txn(REBUILDS) ?? 0) >= number) return { rows: rowsOf(files), kept: 0 }
    const { stays, adds: rest } = await keep(files)
    const staying = new Set(stays.map(({ key }) => key))
    const removes = files.filter(({ key }) => !staying.has(key))
    const txns = txnSteps(live, staged, number)
    const { kind } = await live.commit({
      ...{ operation: 'REBUILD', adds: [...made, ...rest], removes, txns },
    })
    const kept = rowsOf([...stays, ...rest])
    if (kind === 'committed') return { rows: rowsOf(made) + kept, kept }
  }
}

/** To where the new rows reach; a partition that they do not know of begins again. */
function txnSteps(live: DeltaTable, staged: DeltaTable, number: number): TxnStep[] {
  const reached = standingOf(staged.state.txns)
  const apps = new Set([...standingOf(live.state.txns).keys(), ...reached.keys()])
  const steps = [...apps].map((appId) => {
    return { appId, from: live.txn(appId), to: reached.get(appId) ?? 0 }
  })
  // What else the log says of the new rows, such as by which options they were made.
  const others = [...staged.state.txns].filter(([app]) => app !== REBUILDS && !apps.has(app))
  const further = others.map(([appId, to]) => ({ appId, from: live.txn(appId), to }))
  return [...steps, ...further, { appId: REBUILDS, from: live.txn(REBUILDS), to: number }]
}

/** The beginning of the log goes last: without it what is left is no table. */
async function removeStaging(store: ObjectStore, live: DeltaTable): Promise<void> {
  const objects = await store.list(`${tableKey(live.definition)}/_rebuild/`)
  for (const { key } of objects.toReversed()) await store.remove(key)
}

function rowsOf(files: readonly { readonly stats: string | null }[]): number {
  return files.reduce((sum, { stats }) => {
    const { numRecords = 0 }: { numRecords?: number } = JSON.parse(stats ?? '{}')
    return sum + numRecords
  }, 0)
}
