/**
 * The lake of a configuration, opened. Importing this file loads DuckDB: only processes and
 * commands that read or write tables do, and by a dynamic import.
 */
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { hasCode } from '../core/errors.ts'
import { readCheckpoint } from '../lake/delta/checkpoint.ts'
import { type DeltaTable, findDeltaTable } from '../lake/delta/delta-table.ts'
import { type Lake, openLake } from '../lake/lake.ts'
import { openQuery, type QuerySession } from '../lake/query.ts'
import { openSqlEngine, type SqlEngine, type SqlOptions } from '../lake/sql/duckdb.ts'
import type { ObjectStore } from '../lake/store/object-store.ts'
import { arrivals } from '../tables/arrivals.ts'
import { joinedViews, lakeTables, lakeViews } from '../tables/lake-tables.ts'
import type { BucketFacts } from './bucket-facts.ts'
import { type LakePlace, type OpenStore, openLakeStore, type StoreOptions } from './lake-store.ts'
import type { Machine } from './machine.ts'
import { brisk } from './s3-client.ts'

export interface OpenLake {
  readonly lake: Lake
  readonly store: ObjectStore
  /** Where files for it are written. */
  readonly scratch: string
  buckets(): Promise<BucketFacts[]>
  readonly engine: SqlEngine
  close(): void
}

/** Of DuckDB; the rest of what the loader may have is for batches and the window. */
const engineBytes = 512 * 2 ** 20
/** A thread that compacts holds a row group, which has 32 MiB at most, up to eight times. */
const bytesPerThread = 256 * 2 ** 20

export async function openLakeAt(
  machine: Machine,
  place: LakePlace,
  options: StoreOptions = {},
): Promise<OpenLake> {
  return withEngine(
    await openLakeStore(machine, place, options),
    async ({ store, engine, scratch }) => ({
      lake: await openLake({ ...machine, store, engine }, { scratch }),
    }),
  )
}

/** Read-only SQL over the tables as they are at this moment. Rejects where there is no lake. */
export async function openQueryAt(machine: Machine, place: LakePlace): Promise<QuerySession> {
  const opened = await openLakeStore(machine, place, { mustExist: true, patience: brisk })
  const options = {
    ...sqlOptions(opened.scratch),
    tables: lakeTables,
    views: lakeViews,
    joined: joinedViews,
  }
  try {
    const session = await openQuery(opened, options)
    return {
      query: session.query,
      close() {
        session.close()
        opened.close()
      },
    }
  } catch (error) {
    opened.close()
    throw error
  }
}

export interface ReadableLake {
  readonly store: ObjectStore
  readonly engine: SqlEngine
  /** `bronze.arrivals`, or null where nothing has landed. */
  readonly table: DeltaTable | null
  close(): void
}

/** To look at, without writing to it. Rejects where there is no lake. */
export async function openReadableLake(
  machine: Machine,
  place: LakePlace,
  limits: Partial<SqlOptions> = {},
): Promise<ReadableLake> {
  const opened = await openLakeStore(machine, place, { mustExist: true, patience: brisk })
  const open = async ({ store, engine }: WithEngine) => {
    const reading = (path: string) => readCheckpoint(engine, path)
    const table = await findDeltaTable({ ...machine, store, readCheckpoint: reading }, arrivals)
    return { table }
  }
  return withEngine(opened, open, limits)
}

/** For what may not be there yet: `openReadableLake(...).catch(nullIfMissing)`. */
export function nullIfMissing(error: unknown): null {
  if (hasCode(error, 'INL_LAK_TABLE_MISSING')) return null
  throw error
}

type WithEngine = OpenStore & { readonly engine: SqlEngine }

/** What `open` gives, with store and engine, which are closed together. */
async function withEngine<T extends object>(
  opened: OpenStore,
  open: (opened: WithEngine) => Promise<T>,
  limits: Partial<SqlOptions> = {},
): Promise<T & WithEngine> {
  let engine: SqlEngine | null = null
  const close = () => {
    engine?.close()
    opened.close()
  }
  try {
    engine = await openSqlEngine({ ...sqlOptions(opened.scratch), ...limits })
    const all = { ...opened, engine, close }
    return { ...(await open(all)), ...all }
  } catch (error) {
    close()
    throw error
  }
}

/** `bronze.arrivals` to read, or null where nothing has landed. */
export function findArrivals(lake: OpenLake): Promise<DeltaTable | null> {
  return lake.lake.find(arrivals)
}

/** What every engine over a lake may have. */
export function sqlOptions(scratch: string): SqlOptions {
  const threads = Math.min(engineBytes / bytesPerThread, availableParallelism())
  return { memoryLimit: engineBytes, threads, folder: join(scratch, 'spill') }
}
