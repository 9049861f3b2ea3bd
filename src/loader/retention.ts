/**
 * Takes out of bronze what is older than it is to be kept (docs/adr/013).
 *
 * Guarantee: the files go in one commit with the note that says what went, so that the audit never
 * misses what retention took, and finds everything else. The note takes a position of a partition
 * that no journal has, whose progress is in the same commit. Notes stay: they are the books and the
 * decisions. The files themselves are left to vacuum.
 *
 * Safe beside loaders, compaction and other retentions: it commits only while the files that it
 * looked into are there, and is planned anew otherwise.
 */
import type { Clock } from '../core/clock.ts'
import type { Random } from '../core/random.ts'
import type { DeltaTable } from '../lake/delta/delta-table.ts'
import type { DataFile } from '../lake/delta/table-state.ts'
import type { Lake } from '../lake/lake.ts'
import { filesBefore } from '../lake/retention.ts'
import type { SqlEngine } from '../lake/sql/duckdb.ts'
import type { ObjectStore } from '../lake/store/object-store.ts'
import { withLeases } from '../lake/store/with-leases.ts'
import { arrivals } from '../tables/arrivals.ts'
import { noteRow } from './arrival-row.ts'
import { bronzePaths } from './bronze-files.ts'
import { appId, appPlace } from './places.ts'
import { takenBefore } from './progress/marks.ts'
import { RETENTION, type Retained, retainedIn, retentionPartition } from './retained.ts'

const MOST_TRIES = 5

export interface RetentionDeps {
  readonly lake: Lake
  readonly store: Pick<ObjectStore, 'lease'>
  readonly engine: SqlEngine
  readonly clock: Clock
  readonly random: Random
}

export interface RetentionReport {
  readonly files: number
  readonly rows: number
}

/** Takes out events, duplicates and dead letters received before `firstDay`. */
export async function retainArrivals(
  deps: RetentionDeps,
  firstDay: string,
): Promise<RetentionReport> {
  const table = await deps.lake.find(arrivals)
  for (let tries = 0; table !== null && tries < MOST_TRIES; tries++) {
    const removes = goingFrom(table, firstDay)
    if (removes.length === 0) break
    const rows = await tryRemove(deps, { table, removes, firstDay })
    if (rows !== null) return { files: removes.length, rows }
    await table.refresh()
  }
  return { files: 0, rows: 0 }
}

function goingFrom(table: DeltaTable, firstDay: string): DataFile[] {
  const old = filesBefore(table.state.files.values(), firstDay)
  return old.filter((file) => !holdsNotes(file))
}

function holdsNotes({ partitionValues }: DataFile): boolean {
  return partitionValues['outcome'] === 'note'
}

interface Removal {
  readonly table: DeltaTable
  readonly removes: readonly DataFile[]
  readonly firstDay: string
}

/** Null where somebody else wrote what this rests on. */
async function tryRemove(deps: RetentionDeps, removal: Removal): Promise<number | null> {
  const { lake, store, clock } = deps
  const { table, removes, firstDay } = removal
  const going = new Set(removes.map(({ key }) => key))
  const retained = await withLeases(store, async (objects) =>
    retainedIn(deps.engine, {
      removed: await bronzePaths(objects, table, ({ key }) => going.has(key)),
      notes: await bronzePaths(objects, table, holdsNotes),
    }),
  )
  const place = placeOfNote(table, deps.random)
  const bytes = removes.reduce((sum, { size }) => sum + size, 0)
  const note = noteOf(retained, { before: firstDay, files: removes.length, bytes })
  const row = noteRow({ ...note, receivedAt: clock.now() }, place)
  const writer = await lake.arrivalsWriter()
  const result = await table.commit({
    operation: 'DELETE',
    adds: await table.publish(await writer.write([row])),
    removes,
    txns: [
      { appId: appId(place), from: table.txn(appId(place)), to: place.position + 1 },
      takenBefore(table, firstDay),
    ],
    metrics: { numRemovedFiles: removes.length, numDeletedRows: retained.rows },
  })
  return result.kind === 'committed' ? retained.rows : null
}

function noteOf(retained: Retained, about: object) {
  const detail = JSON.stringify({ ...about, ...retained })
  return { kind: 'note' as const, source: '', reason: RETENTION, detail }
}

/** How many retentions the table has noted. */
export function retentionsOf(table: DeltaTable): number {
  const noted = [...table.state.txns].filter(
    ([app]) => appPlace(app)?.partition === retentionPartition,
  )
  return noted.reduce((sum, [, position]) => sum + position, 0)
}

function placeOfNote(table: DeltaTable, random: Random) {
  for (const [app, position] of table.state.txns) {
    const place = appPlace(app)
    if (place?.partition === retentionPartition) return { ...place, position }
  }
  return { journalId: random.uuid(), partition: retentionPartition, position: 0 }
}
