/**
 * The lake of a configuration, opened. Importing this file loads DuckDB: only processes and
 * commands that read or write tables do, and by a dynamic import.
 */
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { InletError } from '../core/errors.ts'
import { readCheckpoint } from '../lake/delta/checkpoint.ts'
import { type DeltaTable, findDeltaTable } from '../lake/delta/delta-table.ts'
import { type Lake, openLake } from '../lake/lake.ts'
import { openQuery, type QuerySession } from '../lake/query.ts'
import { openSqlEngine, type SqlEngine, type SqlOptions } from '../lake/sql/duckdb.ts'
import { openFolderStore, scratchFolder } from '../lake/store/folder-store.ts'
import type { ObjectStore } from '../lake/store/object-store.ts'
import { arrivals } from '../tables/arrivals.ts'
import { lakeTables, lakeViews } from '../tables/lake-tables.ts'
import type { Machine } from './machine.ts'

export interface OpenLake {
  readonly lake: Lake
  readonly store: ObjectStore
  readonly engine: SqlEngine
  close(): void
}

/** Of DuckDB; the rest of what the loader may have is for batches and the window. */
const engineBytes = 512 * 2 ** 20
/** A thread that compacts holds a row group, which has 32 MiB at most, up to eight times. */
const bytesPerThread = 256 * 2 ** 20

export async function openLakeAt(machine: Machine, root: string): Promise<OpenLake> {
  const store = await openFolderStore(machine, { root })
  const engine = await openSqlEngine(sqlOptions(root))
  try {
    const lake = await openLake({ ...machine, store, engine }, { scratch: scratchFolder(root) })
    return { lake, store, engine, close: () => engine.close() }
  } catch (error) {
    engine.close()
    throw error
  }
}

/** Read-only SQL over the tables as they are at this moment. Rejects where there is no lake. */
export async function openQueryAt(machine: Machine, root: string): Promise<QuerySession> {
  const store = await openExistingStore(machine, root)
  const options = { ...sqlOptions(root), tables: lakeTables, views: lakeViews }
  return openQuery({ store }, options)
}

export interface ReadableLake {
  readonly store: ObjectStore
  readonly engine: SqlEngine
  /** `bronze.arrivals`, or null where nothing has landed. */
  readonly table: DeltaTable | null
  close(): void
}

/** To look at, without writing to it. Rejects where there is no lake. */
export async function openReadableLake(machine: Machine, root: string): Promise<ReadableLake> {
  const store = await openExistingStore(machine, root)
  const engine = await openSqlEngine(sqlOptions(root))
  try {
    const deps = {
      ...machine,
      store,
      readCheckpoint: (path: string) => readCheckpoint(engine, path),
    }
    const table = await findDeltaTable(deps, arrivals)
    return { store, engine, table, close: () => engine.close() }
  } catch (error) {
    engine.close()
    throw error
  }
}

/** Looking at a lake must not make one. */
async function openExistingStore(machine: Machine, root: string): Promise<ObjectStore> {
  if ((await machine.files.stat(root)) === null) {
    const details = { table: arrivals.name, store: `folder ${root}` }
    throw new InletError('INL_LAK_TABLE_MISSING', details)
  }
  return openFolderStore(machine, { root })
}

/** `bronze.arrivals` to read, or null where nothing has landed. */
export function findArrivals(lake: OpenLake): Promise<DeltaTable | null> {
  return lake.lake.find(arrivals)
}

/** What every engine over a lake may have. */
export function sqlOptions(root: string): SqlOptions {
  const threads = Math.min(engineBytes / bytesPerThread, availableParallelism())
  return { memoryLimit: engineBytes, threads, folder: join(scratchFolder(root), 'spill') }
}
