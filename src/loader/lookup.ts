/**
 * Looks up in `bronze.arrivals` what a batch has to know of it.
 *
 * What it costs: ids are compared over the events received in the time that is asked for, without
 * their bodies; rows and contents are read from the files whose statistics hold their positions.
 */
import type { Dialect } from '../event/envelope.ts'
import type { DeltaTable } from '../lake/delta/delta-table.ts'
import type { SqlRow } from '../lake/sql/duckdb.ts'
import { literal } from '../lake/sql/quote.ts'
import type { Outcome } from '../tables/arrivals.ts'
import {
  atPositions,
  type BronzeDeps,
  bronzeSelect,
  isEventFile,
  merged,
  receivedIn,
} from './bronze-files.ts'
import {
  type Evidence,
  evidenceKey,
  type LandedContent,
  type LandedEvent,
  type LandedRow,
  type Questions,
} from './evidence.ts'
import { type EventPlace, placeName, type SourcePolicies } from './places.ts'

export async function gatherEvidence(
  deps: BronzeDeps,
  table: DeltaTable,
  asked: { questions: Questions; policies: SourcePolicies },
): Promise<Evidence> {
  const { questions, policies } = asked
  const { eventIds, places, contents } = questions
  const events = eventIds.size === 0 ? [] : await findEvents(deps, table, eventIds)
  const keyed = events.map(
    (landed) => [evidenceKey(policies(landed.source).scope, landed.eventId), landed] as const,
  )
  return {
    events: new Map(keyed),
    rows: new Map(places.size === 0 ? [] : await findRows(deps, table, [...places.values()])),
    contents: new Map(contents.size === 0 ? [] : await findContents(deps, table, contents)),
  }
}

async function findEvents(
  { engine, store }: BronzeDeps,
  table: DeltaTable,
  eventIds: Questions['eventIds'],
): Promise<LandedEvent[]> {
  const isInTime = receivedIn(merged(eventIds.values()))
  const bronze = await bronzeSelect(store, table, (file) => isEventFile(file) && isInTime(file))
  const found = await engine.rows(`
    SELECT event_id, source, body_sha256, epoch_ms(received_at)::DOUBLE AS received_at,
      journal_id, journal_partition, position::DOUBLE AS position
    FROM (${bronze})
    WHERE outcome = 'event' AND event_id IN (${[...eventIds.keys()].map(literal).join(', ')})
    ORDER BY received_at`)
  return found.map((row) => ({
    eventId: String(row['event_id']),
    source: String(row['source']),
    bodySha256: String(row['body_sha256']),
    receivedAt: Number(row['received_at']),
    place: placeOf(row),
  }))
}

async function findRows(
  { engine, store }: BronzeDeps,
  table: DeltaTable,
  places: readonly EventPlace[],
): Promise<[string, LandedRow][]> {
  const bronze = await bronzeSelect(store, table, atPositions(places.map((one) => one.position)))
  const found = await engine.rows(`
    SELECT outcome, event_id, first_position::DOUBLE AS first_position, detail, source, reason,
      epoch_ms(received_at)::DOUBLE AS received_at, journal_id, journal_partition,
      position::DOUBLE AS position
    FROM (${bronze}) WHERE ${isOneOf(places)}`)
  return found.map((row) => [placeName(placeOf(row)), landedRow(row)])
}

async function findContents(
  { engine, store }: BronzeDeps,
  table: DeltaTable,
  contents: Questions['contents'],
): Promise<[string, LandedContent][]> {
  const places = [...contents.values()]
  const hasPosition = atPositions(places.map(({ position }) => position))
  // The window knows a time to the second.
  const times = places.map(({ receivedAt }) => ({ from: receivedAt, until: receivedAt + 1000 }))
  const isInTime = receivedIn(merged(times))
  const bronze = await bronzeSelect(
    store,
    table,
    (file) => isEventFile(file) && isInTime(file) && hasPosition(file),
  )
  const found = await engine.rows(`
    SELECT dialect, topic, event_type, event_time_source,
      coalesce(encode(body), body_bytes) AS body,
      journal_id, journal_partition, position::DOUBLE AS position
    FROM (${bronze}) WHERE ${isOneOf(places)}`)
  return found.map((row) => [placeName(placeOf(row)), landedContent(row)])
}

/** The positions by themselves as well: by them the engine leaves out row groups. */
function isOneOf(places: readonly EventPlace[]): string {
  const positions = [...new Set(places.map(({ position }) => position))]
  const rows = places.map(
    ({ journalId, partition, position }) =>
      `(${literal(journalId)}, ${literal(partition)}, ${position})`,
  )
  return `position IN (${positions.join(', ')})
    AND (journal_id, journal_partition, position) IN (VALUES ${rows.join(', ')})`
}

function landedContent(row: SqlRow): LandedContent {
  return {
    dialect: String(row['dialect']) as Dialect,
    topic: textOrNull(row['topic']),
    eventType: String(row['event_type']),
    eventTimeSource: String(row['event_time_source']),
    body: row['body'] instanceof Uint8Array ? Buffer.from(row['body']) : Buffer.alloc(0),
  }
}

function landedRow(row: SqlRow): LandedRow {
  const outcome = String(row['outcome']) as Outcome
  const common = {
    outcome,
    eventId: textOrNull(row['event_id']),
    source: textOrNull(row['source']),
    receivedAt: Number(row['received_at']),
    reason: textOrNull(row['reason']),
  }
  if (outcome !== 'duplicate') return { ...common, first: null }
  const detail = JSON.parse(String(row['detail'])) as Record<string, string>
  const first = {
    journalId: detail['first_journal_id'] ?? String(row['journal_id']),
    partition: detail['first_partition'] ?? String(row['journal_partition']),
    position: Number(row['first_position']),
  }
  return { ...common, first }
}

function placeOf(row: SqlRow): EventPlace {
  return {
    journalId: String(row['journal_id']),
    partition: String(row['journal_partition']),
    position: Number(row['position']),
  }
}

function textOrNull(value: unknown): string | null {
  return value === null || value === undefined ? null : String(value)
}
