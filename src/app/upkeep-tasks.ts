/**
 * Upkeep at once, over every table that the lake has: what the loader does by itself when it is
 * due. Safe beside a running Inlet and beside readers; see `lake/upkeep`.
 */
import { compactionLimits } from '../lake/delta/compaction.ts'
import type { DeltaTable } from '../lake/delta/delta-table.ts'
import type { KeptObject } from '../lake/store/object-store.ts'
import { lakeTables } from '../tables/lake-tables.ts'
import type { Config } from './config/schema.ts'
import { type OpenLake, openLakeAt } from './lake-access.ts'
import type { Machine } from './machine.ts'

/** Two small files are enough, however young. */
const atOnce = { ...compactionLimits, smallFiles: 2, settledFiles: 2 }
/** The result of one round may be small again. */
const MOST_ROUNDS = 10

export interface UpkeepRequest {
  /** Names such as `bronze.arrivals`; empty for all. */
  readonly tables: readonly string[]
  /** Ends it between two steps. */
  readonly signal: AbortSignal
  /** Told of each table before it is looked after. */
  readonly onTable: (table: string) => void
  /** Told of files of the table that are compacted or removed, of all that are to be. */
  readonly onFiles: (done: number, of: number | null) => void
}

export interface CompactReport {
  readonly table: string
  readonly filesBefore: number
  readonly filesAfter: number
  readonly compactedFiles: number
  readonly compactedBytes: number
}

export interface VacuumReport {
  readonly table: string
  /** Files that nobody can need any more, and scratch. */
  readonly removedFiles: number
  readonly removedLogObjects: number
  /** Older versions of what is gone, which a bucket keeps under a lock. */
  readonly locked: readonly KeptObject[]
}

export function compactLake(
  machine: Machine,
  config: Config,
  request: UpkeepRequest,
): Promise<CompactReport[]> {
  return eachTable(machine, { config, ...request }, async (table, { lake }) => {
    const { upkeep } = lake
    const filesBefore = table.snapshot().files.length
    let [compactedFiles, compactedBytes] = [0, 0]
    for (let round = 0; round < MOST_ROUNDS && !request.signal.aborted; round++) {
      const before = compactedFiles
      const onFiles = (files: number) => request.onFiles(before + files, null)
      const how = { signal: request.signal, limits: atOnce, onFiles }
      const done = await upkeep.compact(table, how)
      compactedFiles += done.compactedFiles
      compactedBytes += done.compactedBytes
      if (done.compactedFiles === 0) break
    }
    const filesAfter = table.snapshot().files.length
    return { table: table.definition.name, filesBefore, filesAfter, compactedFiles, compactedBytes }
  })
}

export function vacuumLake(
  machine: Machine,
  config: Config,
  request: UpkeepRequest,
): Promise<VacuumReport[]> {
  return eachTable(machine, { config, ...request }, async (table, { lake, store, buckets }) => {
    const { upkeep } = lake
    const removedFiles = await upkeep.vacuum(table, request.onFiles)
    const removedLogObjects = await upkeep.cleanLog(table)
    const mayLock = (await buckets()).some(({ lock }) => lock !== null)
    const locked = mayLock ? ((await store.lockedVersions?.(`${table.key}/`)) ?? []) : []
    return { table: table.definition.name, removedFiles, removedLogObjects, locked }
  })
}

/** Tables that the lake does not have are left out. Rejects with the reason of `signal`. */
async function eachTable<Report>(
  machine: Machine,
  request: UpkeepRequest & { readonly config: Config },
  task: (table: DeltaTable, opened: OpenLake) => Promise<Report>,
): Promise<Report[]> {
  const { config, tables, signal, onTable } = request
  const opened = await openLakeAt(machine, config)
  const reports: Report[] = []
  try {
    for (const definition of lakeTables) {
      if (tables.length > 0 && !tables.includes(definition.name)) continue
      signal.throwIfAborted()
      const table = await opened.lake.find(definition)
      if (table === null) continue
      onTable(definition.name)
      reports.push(await task(table, opened))
    }
    signal.throwIfAborted()
    return reports
  } finally {
    opened.close()
  }
}
