/** A lake in a temporary folder, with a clock that stands still, and rows to put into it. */
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { nodeFiles } from '../../src/core/node-files.ts'
import { seededRandom } from '../../src/core/random.ts'
import type { DeltaTable } from '../../src/lake/delta/delta-table.ts'
import { type Lake, openLake } from '../../src/lake/lake.ts'
import { openQuery } from '../../src/lake/query.ts'
import type { QueryResult } from '../../src/lake/query-result.ts'
import { openSqlEngine, type SqlEngine } from '../../src/lake/sql/duckdb.ts'
import { openFolderStore, scratchFolder } from '../../src/lake/store/folder-store.ts'
import type { ObjectStore } from '../../src/lake/store/object-store.ts'
import { appId as appIdOf } from '../../src/loader/places.ts'
import { type Arrival, arrivals } from '../../src/tables/arrivals.ts'
import { joinedViews, lakeTables, lakeViews } from '../../src/tables/lake-tables.ts'
import { type MovableClock, movableClock } from './clock.ts'
import { temporaryFolder } from './temporary.ts'

export interface TestLake {
  readonly lake: Lake
  readonly table: DeltaTable
  readonly store: ObjectStore
  readonly engine: SqlEngine
  readonly clock: MovableClock
  readonly root: string
  readonly scratch: string
  /** Writes, publishes and commits rows as one change. */
  load(rows: readonly Arrival[], appId?: string): Promise<void>
  /** The same, with the positions that each partition reaches, as the loader does. */
  land(rows: readonly Arrival[]): Promise<void>
  query(sql: string): Promise<QueryResult>
  dispose(): Promise<void>
}

export const sqlOptions = (folder: string) => ({
  memoryLimit: 256 * 2 ** 20,
  threads: 1,
  folder: join(folder, 'spill'),
})

/** `root` and `seed` open the same lake a second time, as another process would. */
export async function openTestLake(
  options: { root?: string; seed?: number; clock?: MovableClock } = {},
): Promise<TestLake> {
  const folder = options.root === undefined ? await temporaryFolder() : null
  const root = options.root ?? join(folder?.path ?? '', 'lake')
  const clock = options.clock ?? movableClock()
  const random = seededRandom(options.seed ?? 1)
  const store = await openFolderStore({ files: nodeFiles, random }, { root })
  const engine = await openSqlEngine(sqlOptions(root))
  const scratch = scratchFolder(root)
  const lake = await openLake({ store, engine, files: nodeFiles, clock, random }, { scratch })
  const table = await lake.table(arrivals)
  const writer = await lake.arrivalsWriter()
  const commit = async (rows: readonly Arrival[], ends: ReadonlyMap<string, number>) => {
    const adds = await table.publish(await writer.write(rows))
    const txns = [...ends].map(([appId, to]) => ({ appId, from: table.txn(appId), to }))
    await table.commit({ operation: 'WRITE', adds, txns })
  }
  return {
    lake,
    table,
    store,
    engine,
    clock,
    root,
    scratch,
    load: (rows, appId = 'test') =>
      commit(rows, new Map([[appId, (table.txn(appId) ?? 0) + rows.length]])),
    land: (rows) =>
      commit(
        rows,
        new Map(
          rows.map((row) => {
            const place = { journalId: row.journalId, partition: row.journalPartition }
            return [appIdOf(place), row.position + 1]
          }),
        ),
      ),
    query: (sql) => queryOnce(store, root, sql),
    async dispose() {
      engine.close()
      await folder?.dispose()
    },
  }
}

async function queryOnce(store: ObjectStore, root: string, sql: string): Promise<QueryResult> {
  const session = await openQuery(
    { store },
    { ...sqlOptions(root), tables: lakeTables, views: lakeViews, joined: joinedViews },
  )
  try {
    return await session.query(sql)
  } finally {
    session.close()
  }
}

/** An arrival at `position`; everything follows from it, save what `changes` says. */
export function arrival(position: number, changes: Partial<Arrival> = {}): Arrival {
  const body = Buffer.from(`{"id":${position},"text":"Grüße"}`)
  return {
    outcome: 'event',
    eventId: `event-${position}`,
    orgId: 'org-1',
    source: 'genesys-prod',
    dialect: 'eventbridge',
    topic: `v2.detail.events.conversation.${position}.customer.end`,
    eventType: 'customer.end',
    eventTime: Date.UTC(2026, 0, 1) + position,
    eventTimeSource: 'detail.eventBody.eventTime',
    receivedAt: Date.UTC(2026, 0, 1, 12) + position,
    conversationId: `conversation-${position % 7}`,
    sender: 'api-key',
    headers: '{"content-type":"application/json"}',
    body,
    bodySha256: createHash('sha256').update(body).digest(),
    reason: null,
    detail: null,
    firstPosition: null,
    journalId: 'b5a7c1d0-0b1a-4a52-9c1e-5d7d6c1b2a3f',
    journalPartition: 'gateway-0',
    position,
    ...changes,
  }
}

export const arrivalRange = (from: number, to: number): Arrival[] =>
  Array.from({ length: to - from }, (_, index) => arrival(from + index))
