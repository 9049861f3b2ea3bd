/**
 * The front of this folder: a lake, its tables, and the upkeep they need.
 *
 * A lake holds one Delta table for each Table definition that was ever opened in it to write.
 * Opening proves the store first; see store/prove-conditional-put.ts.
 */
import type { Clock } from '../core/clock.ts'
import type { Files } from '../core/files.ts'
import type { Random } from '../core/random.ts'
import type { Table } from '../tables/table.ts'
import { readCheckpoint } from './delta/checkpoint.ts'
import type { DeltaTable } from './delta/delta-table.ts'
import { findDeltaTable, openDeltaTable } from './delta/delta-table.ts'
import type { ArrivalsWriter } from './parquet/arrivals-writer.ts'
import { openArrivalsWriter } from './parquet/arrivals-writer.ts'
import type { SqlEngine } from './sql/duckdb.ts'
import type { ObjectStore } from './store/object-store.ts'
import { proveConditionalPut } from './store/prove-conditional-put.ts'
import type { UpkeepReport } from './upkeep.ts'
import { Upkeep } from './upkeep.ts'

export interface LakeDeps {
  readonly store: ObjectStore
  readonly engine: SqlEngine
  readonly files: Files
  readonly clock: Clock
  readonly random: Random
}

export interface LakeOptions {
  /** An absolute path for files in the making; for a folder store, `scratchFolder(root)`. */
  readonly scratch: string
}

export interface Lake {
  /** The table to write, created or brought up to its definition. One object for each table. */
  table(definition: Table): Promise<DeltaTable>
  /** The table to read, as it is; null where the lake has none. */
  find(definition: Table): Promise<DeltaTable | null>
  /** Writes arrivals to files; of one loader. */
  arrivalsWriter(): Promise<ArrivalsWriter>
  /** Does what is due on every table that was opened to write. To be called every minute or so. */
  runUpkeep(signal?: AbortSignal): Promise<UpkeepReport[]>
  /** The single tasks, for commands that want them at once. */
  readonly upkeep: Upkeep
}

export async function openLake(deps: LakeDeps, options: LakeOptions): Promise<Lake> {
  await proveConditionalPut(deps.store, deps.random)
  await deps.files.makeFolder(options.scratch)
  const tableDeps = {
    ...deps,
    readCheckpoint: (localPath: string) => readCheckpoint(deps.engine, localPath),
  }
  const tables = new Map<string, Promise<DeltaTable>>()
  const upkeep = new Upkeep(deps, options)
  return {
    upkeep,
    table(definition) {
      const known = tables.get(definition.name) ?? openDeltaTable(tableDeps, definition)
      tables.set(definition.name, known)
      known.catch(() => tables.delete(definition.name))
      return known
    },
    find: (definition) => findDeltaTable(tableDeps, definition),
    arrivalsWriter: () => openArrivalsWriter(deps, { folder: options.scratch }),
    async runUpkeep(signal) {
      const reports: UpkeepReport[] = []
      const failures: unknown[] = []
      // A table that cannot be looked after must not keep others from it.
      for (const opening of tables.values()) {
        if (signal?.aborted) break
        const look = async () => reports.push(await upkeep.run(await opening, signal))
        await look().catch((error: unknown) => failures.push(error))
      }
      if (failures.length > 0) throw failures[0]
      return reports
    },
  }
}
