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
  type LandedArrivals,
  type LandedEvent,
  type LandedRow,
  type Questions,
} from './evidence.ts'
import { placeName, type SourcePolicies } from './places.ts'

export interface BronzeDeps {
  readonly engine: SqlEngine
  readonly store: ObjectStore
}

export function landedArrivals(deps: BronzeDeps): LandedArrivals {
  return {
    fillWindow: (table, context) => fillWindow(deps, table, context),
    gatherEvidence: (table, asked) => gatherEvidence(deps, table, asked),
  }
}

/** `bronze.arrivals` as SQL, of those files only that `wanted` keeps. */
export async function bronzeSelect(
  store: ObjectStore,
  table: DeltaTable,
  wanted: (file: DataFile, index: number) => boolean = () => true,
): Promise<string> {
  const files = table.snapshot().files.filter(wanted)
  const paths = await Promise.all(files.map((file) => store.localPath(`${table.key}/${file.key}`)))
  return tableSelect(arrivals, paths)
}

const isEvent = ({ partitionValues }: DataFile) => partitionValues['outcome'] === 'event'

/** A chunk of rows at a time; the promise is that of `LandedArrivals`. */
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
  window.expect(await busiestDay(deps.engine, rows))
  const scope = await scopeSql(deps.engine, rows, policies)
  const partition = await partitionSql(deps.engine, rows, window)
  const read = (from: string, eventId: string, condition: string) => `
    SELECT ${keySql(scope, eventId).join(', ')},
      ('0x' || substr(body_sha256, 1, 8))::UINTEGER, ('0x' || substr(body_sha256, 9, 8))::UINTEGER,
      epoch_ms(received_at)::DOUBLE, position::DOUBLE, (${partition})::UINTEGER
    FROM (${from}) WHERE outcome = 'event' AND ${condition}`
  // Two streams of every other file: one alone keeps a single core busy.
  const streams = [0, 1].map(async (turn) => {
    const isMine = (file: DataFile, index: number) => isRecent(file) && index % 2 === turn
    const mine = await bronzeSelect(deps.store, table, isMine)
    const sql = read(mine, 'event_id', "reason IS DISTINCT FROM 'observed_again'")
    await remember(deps.engine, sql, window)
  })
  await Promise.all(streams)
  // An observation that came again is filed under an id of its own, and found under its first one:
  // the latest counts.
  const again = read(rows, "regexp_replace(event_id, '@[0-9]+$', '')", "reason = 'observed_again'")
  await remember(deps.engine, `${again} ORDER BY received_at`, window)
}

/** Of rows of eight numbers, in the order above. One key and one value serve them all. */
async function remember(engine: SqlEngine, sql: string, window: IdentityWindow): Promise<void> {
  const key: [number, number, number] = [0, 0, 0]
  const bodyHash: [number, number] = [0, 0]
  const value = { bodyHash, receivedAt: 0, position: 0, partition: 0 }
  await engine.eachRowOfNumbers(sql, 8, (row) => {
    for (let word = 0; word < 3; word++) key[word] = row[word] ?? 0
    for (let word = 0; word < 2; word++) bodyHash[word] = row[3 + word] ?? 0
    value.receivedAt = row[5] ?? 0
    value.position = row[6] ?? 0
    value.partition = row[7] ?? 0
    window.set(key, value)
  })
}

/** The most events of a day, so that the window's tables need not grow to it step by step. */
async function busiestDay(engine: SqlEngine, rows: string): Promise<number> {
  const [row] = await engine.rows(
    `SELECT max(n)::DOUBLE AS n FROM (SELECT count(*) AS n FROM (${rows}) GROUP BY date)`,
  )
  return Number(row?.['n'] ?? 0)
}

/** The window's number for the partition of a row as SQL. */
async function partitionSql(
  engine: SqlEngine,
  rows: string,
  window: IdentityWindow,
): Promise<string> {
  const places = await engine.rows(
    `SELECT DISTINCT journal_id, journal_partition FROM (${rows}) WHERE outcome = 'event'`,
  )
  const cases = places.map((row) => {
    const [journalId, partition] = [String(row['journal_id']), String(row['journal_partition'])]
    const index = window.partitionIndex(journalId, partition)
    const isIt = `journal_id = ${literal(journalId)} AND journal_partition = ${literal(partition)}`
    return `WHEN ${isIt} THEN ${index}`
  })
  return cases.length === 0 ? '0' : `CASE ${cases.join(' ')} END`
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

async function gatherEvidence(
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
    WHERE outcome = 'event' AND event_id IN ${wanted} ORDER BY received_at`)
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
