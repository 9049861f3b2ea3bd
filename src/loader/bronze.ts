/**
 * What the loader reads back from `bronze.arrivals`: identities for the window, evidence for a
 * batch.
 */
import { keySql } from '../dedup/identity-key.ts'
import type { IdentityWindow } from '../dedup/identity-window.ts'
import type { Dialect } from '../event/envelope.ts'
import type { DeltaTable } from '../lake/delta/delta-table.ts'
import type { DataFile } from '../lake/delta/table-state.ts'
import type { SqlEngine, SqlRow } from '../lake/sql/duckdb.ts'
import { literal } from '../lake/sql/quote.ts'
import { tableSelect } from '../lake/sql/table-view.ts'
import type { ObjectStore } from '../lake/store/object-store.ts'
import { arrivals, type Outcome } from '../tables/arrivals.ts'
import {
  type Evidence,
  evidenceKey,
  type LandedEvent,
  type LandedRow,
  type Questions,
} from './evidence.ts'
import { placeName, type SourcePolicies } from './places.ts'

export interface BronzeDeps {
  readonly engine: SqlEngine
  readonly store: ObjectStore
}

/** `bronze.arrivals` as SQL, of those files only that `wanted` keeps. */
export async function bronzeSelect(
  store: ObjectStore,
  table: DeltaTable,
  wanted: (file: DataFile) => boolean = () => true,
): Promise<string> {
  const files = table.snapshot().files.filter(wanted)
  const paths = await Promise.all(files.map((file) => store.localPath(`${table.key}/${file.key}`)))
  return tableSelect(arrivals, paths)
}

const isEvent = ({ partitionValues }: DataFile) => partitionValues['outcome'] === 'event'

/**
 * Fills the window with every event received since `since` (ms), a chunk of rows at a time. Where
 * the lake has older ones, the window says that it does not cover them.
 */
export async function fillWindow(
  deps: BronzeDeps,
  table: DeltaTable,
  context: { window: IdentityWindow; policies: SourcePolicies; since: number },
): Promise<void> {
  const { window, policies } = context
  const earliest = new Date(context.since).toISOString().slice(0, 10)
  const isRecent = (file: DataFile) =>
    isEvent(file) && (file.partitionValues['date'] ?? '') >= earliest
  const isWhole = table.snapshot().files.every((file) => !isEvent(file) || isRecent(file))
  if (!isWhole) window.startAt(context.since)
  const rows = await bronzeSelect(deps.store, table, isRecent)
  const scope = await scopeSql(deps.engine, rows, policies)
  const key = keySql(scope, identitySql).join(', ')
  const sql = `
    SELECT ${key},
      (('0x' || substr(body_sha256, 7, 2) || substr(body_sha256, 5, 2)
        || substr(body_sha256, 3, 2) || substr(body_sha256, 1, 2))::UINTEGER),
      (('0x' || substr(body_sha256, 15, 2) || substr(body_sha256, 13, 2)
        || substr(body_sha256, 11, 2) || substr(body_sha256, 9, 2))::UINTEGER),
      epoch_ms(received_at)::DOUBLE, position::DOUBLE, journal_id, journal_partition
    FROM (${rows}) WHERE outcome = 'event'`
  await deps.engine.use(async (connection) => {
    const result = await connection.stream(sql)
    for (
      let chunk = await result.fetchChunk();
      chunk?.rowCount;
      chunk = await result.fetchChunk()
    ) {
      addChunk(window, chunk)
    }
  })
}

/**
 * An observation that came again is filed under an id of its own, and found under its first one.
 */
const identitySql = `CASE WHEN reason = 'observed_again'
  THEN regexp_replace(event_id, '@[0-9]+$', '') ELSE event_id END`

type Chunk = NonNullable<
  Awaited<
    ReturnType<
      Awaited<ReturnType<Parameters<Parameters<SqlEngine['use']>[0]>[0]['stream']>>['fetchChunk']
    >
  >
>

function addChunk(window: IdentityWindow, chunk: Chunk): void {
  const columns = Array.from({ length: chunk.columnCount }, (_, at) => chunk.getColumnVector(at))
  const number = (column: number, row: number) => Number(columns[column]?.getItem(row) ?? 0)
  const text = (column: number, row: number) => String(columns[column]?.getItem(row) ?? '')
  for (let row = 0; row < chunk.rowCount; row++) {
    const key = [number(0, row), number(1, row), number(2, row)] as const
    const receivedAt = number(5, row)
    const known = window.get(key)
    if (known !== null && known.receivedAt >= receivedAt) continue
    window.set(key, {
      bodyHash: [number(3, row), number(4, row)],
      receivedAt,
      position: number(6, row),
      partition: window.partitionIndex(text(7, row), text(8, row)),
    })
  }
}

/** The scope of a row as SQL: its source's group, or the source itself. */
async function scopeSql(
  engine: SqlEngine,
  rows: string,
  policies: SourcePolicies,
): Promise<string> {
  const sources = await engine.rows(
    `SELECT DISTINCT source FROM (${rows}) WHERE source IS NOT NULL`,
  )
  const cases = sources.flatMap(({ source }) => {
    const name = String(source)
    const { scope } = policies(name)
    return scope === name ? [] : [`WHEN ${literal(name)} THEN ${literal(scope)}`]
  })
  return cases.length === 0 ? 'source' : `CASE source ${cases.join(' ')} ELSE source END`
}

/**
 * Answers the questions of a batch. Looks through all of bronze: asked only where there is doubt.
 */
export async function gatherEvidence(
  deps: BronzeDeps,
  table: DeltaTable,
  asked: { questions: Questions; policies: SourcePolicies },
): Promise<Evidence> {
  const { questions, policies } = asked
  const events = new Map<string, LandedEvent>()
  const rows = new Map<string, LandedRow>()
  if (questions.eventIds.size > 0) {
    for (const landed of await findEvents(deps, table, [...questions.eventIds])) {
      events.set(evidenceKey(policies(landed.source).scope, landed.eventId), landed)
    }
  }
  if (questions.places.size > 0) {
    for (const [name, row] of await findRows(deps, table, questions)) rows.set(name, row)
  }
  return { events, rows }
}

async function findEvents(
  deps: BronzeDeps,
  table: DeltaTable,
  eventIds: readonly string[],
): Promise<LandedEvent[]> {
  const bronze = await bronzeSelect(deps.store, table, isEvent)
  const wanted = `(${eventIds.map(literal).join(', ')})`
  const found = await deps.engine.rows(`
    SELECT event_id, source, dialect, topic, event_time_source, coalesce(encode(body), body_bytes)
      AS body, body_sha256, epoch_ms(received_at)::DOUBLE AS received_at, journal_id,
      journal_partition, position::DOUBLE AS position
    FROM (${bronze})
    WHERE outcome = 'event' AND (event_id IN ${wanted}
      OR regexp_replace(event_id, '(#[0-9a-f]{16}|@[0-9]+)$', '') IN ${wanted})
    ORDER BY received_at`)
  return found.map(landedEvent)
}

function landedEvent(row: SqlRow): LandedEvent {
  return {
    eventId: String(row['event_id']),
    source: String(row['source']),
    dialect: String(row['dialect']) as Dialect,
    topic: textOrNull(row['topic']),
    eventTimeSource: String(row['event_time_source']),
    body: row['body'] instanceof Uint8Array ? Buffer.from(row['body']) : Buffer.alloc(0),
    bodySha256: String(row['body_sha256']),
    receivedAt: Number(row['received_at']),
    place: placeOf(row),
  }
}

async function findRows(
  deps: BronzeDeps,
  table: DeltaTable,
  questions: Questions,
): Promise<[string, LandedRow][]> {
  const places = [...questions.places.values()].map(
    ({ journalId, partition, position }) =>
      `(${literal(journalId)}, ${literal(partition)}, ${position})`,
  )
  const found = await deps.engine.rows(`
    SELECT outcome, event_id, first_position::DOUBLE AS first_position, detail, journal_id,
      journal_partition, position::DOUBLE AS position
    FROM (${await bronzeSelect(deps.store, table)})
    WHERE (journal_id, journal_partition, position) IN (VALUES ${places.join(', ')})`)
  return found.map((row) => [placeName(placeOf(row)), landedRow(row)])
}

function landedRow(row: SqlRow): LandedRow {
  const outcome = String(row['outcome']) as Outcome
  const eventId = textOrNull(row['event_id'])
  if (outcome !== 'duplicate') return { outcome, eventId, first: null }
  const detail = JSON.parse(String(row['detail'])) as Record<string, string>
  const first = {
    journalId: detail['first_journal_id'] ?? String(row['journal_id']),
    partition: detail['first_partition'] ?? String(row['journal_partition']),
    position: Number(row['first_position']),
  }
  return { outcome, eventId, first }
}

function placeOf(row: SqlRow) {
  return {
    journalId: String(row['journal_id']),
    partition: String(row['journal_partition']),
    position: Number(row['position']),
  }
}

function textOrNull(value: unknown): string | null {
  return value === null || value === undefined ? null : String(value)
}
