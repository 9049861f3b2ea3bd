/**
 * Erases somebody from all that has landed, layer by layer, so that a crash at any step is mended
 * by doing it again:
 *
 * 1. all that is durable lands: what is somebody's who has a tombstone is kept without them
 * 2. bronze, file by file
 * 3. silver and gold, each brought forward before: rows that a loader is making out of what was
 *    there until now then come too late
 * 4. the journal, of what has landed
 *
 * Old files, those of a rebuild that broke off, and the log that tells bounds of ids go at once.
 */
import { join } from 'node:path'
import type { Clock } from '../../core/clock.ts'
import { InletError } from '../../core/errors.ts'
import type { Files } from '../../core/files.ts'
import type { Locks } from '../../core/lock.ts'
import { listPartitionFolders } from '../../journal/segment/layout.ts'
import type { DeltaTable } from '../../lake/delta/delta-table.ts'
import type { Lake } from '../../lake/lake.ts'
import type { KeptObject } from '../../lake/store/object-store.ts'
import { arrivals } from '../../tables/arrivals.ts'
import { goldTables } from '../../tables/gold.ts'
import { users } from '../../tables/names.ts'
import { silverTables } from '../../tables/silver.ts'
import type { Table } from '../../tables/table.ts'
import { discardStaging, rebuildLock } from '../progress/staged-table.ts'
import { type ErasedArrivals, eraseArrivals } from './erase-arrivals.ts'
import { eraseDerived } from './erase-derived.ts'
import { eraseJournal } from './erase-journal.ts'
import { countTable, type Rewrite, type RewriteDeps, rewriteTable } from './rewrite.ts'
import type { Seek } from './seek.ts'

export interface EraseDeps extends RewriteDeps {
  readonly lake: Lake
  readonly clock: Clock
  readonly files: Files
  readonly locks: Locks
  /** The folder of the journal. */
  readonly journal: string
  /** Where a table stands in each partition of the journal, by its name. */
  readonly landedIn: (bronze: DeltaTable) => Promise<ReadonlyMap<string, number>>
}

/** Each brings a layer to where the one before it stands. */
export interface BringForward {
  readonly bronze: () => Promise<void>
  readonly silver: () => Promise<void>
  readonly gold: () => Promise<void>
}

export interface Erased {
  readonly arrivals: Pick<ErasedArrivals, 'rows' | 'outcomes' | 'files' | 'conversations'>
  /** Files written again, by table. */
  readonly tables: Readonly<Record<string, number>>
  readonly journalRecords: number
  readonly kept: readonly KeptObject[]
}

/** Rejects with INL_LDR_REBUILDING while silver or gold is being rebuilt. */
export async function eraseSubject(
  deps: EraseDeps,
  bring: BringForward,
  seek: Seek,
): Promise<Erased> {
  // A rebuild would put rows in place that it has read before.
  const lock = deps.locks.acquire(join(deps.scratch, rebuildLock))
  if (lock === null) throw new InletError('INL_LDR_REBUILDING', { layer: 'silver' })
  try {
    return await eraseLayers({ ...deps, rewrite: rewriteTable }, bring, seek)
  } finally {
    lock.release()
  }
}

/** What it would come to, of what has landed and of the whole journal. Changes nothing. */
export function wouldErase(deps: EraseDeps, seek: Seek): Promise<Erased> {
  const asItIs = async () => {}
  const bring = { bronze: asItIs, silver: asItIs, gold: asItIs }
  return eraseLayers({ ...deps, rewrite: countTable }, bring, seek)
}

type LayerDeps = EraseDeps & { readonly rewrite: Rewrite }

async function eraseLayers(deps: LayerDeps, bring: BringForward, seek: Seek): Promise<Erased> {
  await bring.bronze()
  const bronze = await deps.lake.find(arrivals)
  if (bronze === null) return nothing
  const { kept: inBronze, ...found } = await eraseArrivals(deps, bronze, seek)
  await bring.silver()
  const silver = await eraseTables(deps, [...silverTables, users], seek)
  await bring.gold()
  const gold = await eraseTables(deps, goldTables, seek)
  const tables = { [arrivals.name]: found.files, ...silver.tables, ...gold.tables }
  const kept = [...inBronze, ...silver.kept, ...gold.kept]
  return { arrivals: found, tables, journalRecords: await inJournal(deps, bronze, seek), kept }
}

const nothing: Erased = {
  arrivals: { rows: 0, outcomes: {}, files: 0, conversations: 0 },
  tables: {},
  journalRecords: 0,
  kept: [],
}

async function eraseTables(deps: LayerDeps, definitions: readonly Table[], seek: Seek) {
  const tables: Record<string, number> = {}
  const kept: KeptObject[] = []
  for (const definition of definitions) {
    const table = await deps.lake.find(definition)
    if (table === null) continue
    if (deps.rewrite === rewriteTable) await discardStaging(deps, table)
    const rewritten = await eraseDerived(deps, table, seek)
    tables[definition.name] = rewritten.files
    kept.push(...rewritten.kept)
  }
  return { tables, kept }
}

async function inJournal(deps: LayerDeps, bronze: DeltaTable, seek: Seek): Promise<number> {
  const { files, journal, landedIn, rewrite } = deps
  const dryRun = rewrite !== rewriteTable
  const landed = await landedIn(bronze)
  let records = 0
  for (const name of await listPartitionFolders(files, journal)) {
    // What was set aside is landed under another journal, and read by nobody.
    const below = dryRun ? undefined : landed.get(name)
    const folder = `${journal}/${name}`
    const at = { files, folder, landed: below ?? Number.POSITIVE_INFINITY, dryRun }
    const erased = await eraseJournal(at, seek)
    records += erased.records + erased.copies
  }
  return records
}
