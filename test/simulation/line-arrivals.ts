/**
 * Arrivals as lines of JSON, and what the loader asks of them: plain loops in place of SQL. Limits:
 * every event has a time of its own.
 */
import { identityKey } from '../../src/dedup/identity-key.ts'
import { packRow, ROW_WORDS } from '../../src/dedup/identity-table.ts'
import type { DeltaTable } from '../../src/lake/delta/delta-table.ts'
import {
  evidenceKey,
  type LandedArrivals,
  type LandedContent,
  type LandedEvent,
  type LandedRow,
} from '../../src/loader/evidence.ts'
import { type EventPlace, placeName } from '../../src/loader/places.ts'
import type { PositionRange } from '../../src/loader/progress/standing.ts'
import type { Arrival } from '../../src/tables/arrivals.ts'

/** The body as text, its hash as hexadecimal digits. */
export interface LineRow extends Omit<Arrival, 'body' | 'bodySha256'> {
  readonly body: string | null
  readonly bodySha256: string | null
}

export function lineRow(row: Arrival): LineRow {
  const text = (bytes: Uint8Array | null, encoding: 'utf8' | 'hex') =>
    bytes === null ? null : Buffer.from(bytes).toString(encoding)
  const fields = Object.fromEntries(fieldNames.map((name) => [name, row[name]]))
  const body = text(row.body, 'utf8')
  return { ...(fields as unknown as LineRow), body, bodySha256: text(row.bodySha256, 'hex') }
}

/** A row that stands for a record of the journal has none of its own to be spread. */
const fieldNames = [
  'outcome',
  'eventId',
  'orgId',
  'source',
  'dialect',
  'topic',
  'eventType',
  'eventTime',
  'eventTimeSource',
  'receivedAt',
  'conversationId',
  'sender',
  'headers',
  'reason',
  'detail',
  'firstPosition',
  'journalId',
  'journalPartition',
  'position',
] as const satisfies readonly (keyof LineRow)[]

export function placeOf({ journalId, journalPartition, position }: LineRow): EventPlace {
  return { journalId, partition: journalPartition, position }
}

export function landedLines(
  rowsOf: (table: DeltaTable) => Promise<readonly LineRow[]>,
): LandedArrivals {
  return {
    async fillWindow(table, { window, policies, ranges, onRows }) {
      const isAsked = (row: LineRow) =>
        ranges === undefined || ranges.some((range) => isIn(range, placeOf(row)))
      for (const row of (await rowsOf(table)).filter(isEvent).filter(isAsked)) {
        const digest = Buffer.from(row.bodySha256 ?? '', 'hex')
        const key = identityKey(policies(row.source ?? '').scope, row.eventId ?? '')
        const value = {
          bodyHash: [digest.readUInt32BE(0), digest.readUInt32BE(4)] as const,
          receivedAt: row.receivedAt,
          position: row.position,
          partition: window.partitionIndex(row.journalId, row.journalPartition),
        }
        const rows = new Uint32Array(ROW_WORDS)
        packRow(rows, 0, { key, value })
        window.setRows(rows)
        await onRows?.(rows)
      }
    },
    async gatherEvidence(table, { questions, policies }) {
      const rows = await rowsOf(table)
      const events = rows
        .filter((row) => isEvent(row) && questions.eventIds.has(row.eventId ?? ''))
        .map(landedEvent)
        .map((event) => [evidenceKey(policies(event.source).scope, event.eventId), event] as const)
      const places = rows
        .map((row) => [placeName(placeOf(row)), landedRow(row)] as const)
        .filter(([name]) => questions.places.has(name))
      const contents = rows
        .map((row) => [placeName(placeOf(row)), landedContent(row)] as const)
        .filter(([name]) => questions.contents.has(name))
      return { events: new Map(events), rows: new Map(places), contents: new Map(contents) }
    },
  }
}

function isIn({ from, to, ...range }: PositionRange, place: EventPlace): boolean {
  const { journalId, partition, position } = place
  const isSame = range.journalId === journalId && range.partition === partition
  return isSame && from <= position && position < to
}

function isEvent({ outcome }: LineRow): boolean {
  return outcome === 'event'
}

function landedEvent(row: LineRow): LandedEvent {
  return {
    eventId: row.eventId ?? '',
    source: row.source ?? '',
    bodySha256: row.bodySha256 ?? '',
    receivedAt: row.receivedAt,
    place: placeOf(row),
  }
}

function landedContent({ topic, eventType, eventTimeSource, body }: LineRow): LandedContent {
  return {
    dialect: 'event-subscription',
    topic,
    eventType: eventType ?? '',
    eventTimeSource: eventTimeSource ?? '',
    body: Buffer.from(body ?? ''),
  }
}

function landedRow(row: LineRow): LandedRow {
  const { outcome, eventId, source, receivedAt, reason, firstPosition, detail } = row
  const common = { outcome, eventId, source, receivedAt, reason }
  if (outcome !== 'duplicate') return { ...common, first: null }
  const named: Record<string, string> = JSON.parse(detail ?? '{}')
  const first = {
    journalId: named['first_journal_id'] ?? row.journalId,
    partition: named['first_partition'] ?? row.journalPartition,
    position: firstPosition ?? 0,
  }
  return { ...common, first }
}
