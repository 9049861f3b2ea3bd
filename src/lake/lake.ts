/**
 * The front of this folder: a lake, its tables, and the upkeep they need.
 *
 * A lake holds one Delta table for each Table definition that was ever opened in it to write. Opening
 * proves the store first; see store/prove-conditional-put.ts.
 */
import type { Clock } from '../core/clock.ts'
import type { Files } from '../core/files.ts'
import type { Random } from '../core/random.ts'
import type { Table } from '../tables/table.ts'
import type { DeltaTable } from './delta/delta-table.ts'
import { findDeltaTable, openDeltaTable } from './delta/delta-table.ts'
import type { ArrivalsWriter } from './sql/arrivals-writer.ts'
import { openArrivalsWriter } from './sql/arrivals-writer.ts'
import type { SqlEngine } from './sql/duckdb.ts'
import type { ObjectStore } from './store/object-store.ts'
import { proveConditionalPut } from './store/prove-conditional-put.ts'

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
  /** The table to read; null where the lake has none. */
  find(definition: Table): Promise<DeltaTable | null>
  arrivalsWriter(): Promise<ArrivalsWriter>
}

export async function openLake(deps: LakeDeps, options: LakeOptions): Promise<Lake> {
  await proveConditionalPut(deps.store, deps.random)
  const tableDeps = { ...deps, readCheckpoint: async () => [] }
  const tables = new Map<string, Promise<DeltaTable>>()
  return {
    table(definition) {
      const known = tables.get(definition.name) ?? openDeltaTable(tableDeps, definition)
      tables.set(definition.name, known)
      known.catch(() => tables.delete(definition.name))
      return known
    },
    find: (definition) => findDeltaTable(tableDeps, definition),
    arrivalsWriter: () => openArrivalsWriter(deps, { folder: options.scratch }),
  }
}
