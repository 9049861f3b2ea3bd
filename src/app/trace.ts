/**
 * Every record of an event or of a conversation, from the journal and from the lake, in order of
 * receipt, and the row of gold that counts it. An unreadable body counts where it holds the id as
 * text; so does an event that the lake files as `id#…` or `id@…`, because the id came again for
 * something else.
 *
 * Gaps of notification channels that touch the time of a conversation, which goes on for as long as
 * gold knows no end of it, are among them: what it lacks may have been told then.
 *
 * Limits: the lake as it was when it was opened, and at most `most` records of each side.
 */
import type { JournalReader } from '../journal/journal.ts'
import type { DeltaTable } from '../lake/delta/delta-table.ts'
import type { QuerySession } from '../lake/query.ts'
import type { PlainValue } from '../lake/query-result.ts'
import { identifier, literal, qualified } from '../lake/sql/quote.ts'
import { appId } from '../loader/places.ts'
import { conversations } from '../tables/gold.ts'
import { silverTables } from '../tables/silver.ts'
import type { Table } from '../tables/table.ts'
import { CHANNEL_GAP } from './channels/gap-note.ts'
import { type RecordView, recordsOf, viewOf } from './journal-inspect.ts'

export interface TraceRecord {
  readonly receivedAt: string | null
  readonly where: 'journal' | 'lake' | 'silver' | 'gold'
  /** Of gold null, as the position: its rows are made of many records. */
  readonly partition: string | null
  readonly position: number | null
  /** In bronze the outcome, in the journal the kind of the record, above them the table. */
  readonly what: string
  readonly source: string | null
  readonly eventType: string | null
  readonly eventTime: string | null
  readonly eventId: string | null
  readonly conversationId: string | null
  readonly detail: string | null
  readonly body?: string
}

export interface TraceOptions {
  readonly id: string
  readonly bodies: boolean
  readonly most: number
}

export interface TraceDeps {
  /** Null where there is no lake. */
  readonly session: QuerySession | null
  readonly table: DeltaTable | null
  readonly readers: readonly JournalReader[]
}

export async function trace(deps: TraceDeps, options: TraceOptions): Promise<TraceRecord[]> {
  const landed = deps.session === null ? [] : await inLake(deps.session, options)
  const places = new Set(landed.map(placeOf))
  const waiting: TraceRecord[] = []
  for (const reader of deps.readers) {
    const from = deps.table?.txn(appId(reader)) ?? 0
    waiting.push(...(await inJournal(reader, from, options)))
  }
  // What landed while this was looking is in both.
  const still = waiting.filter((one) => !places.has(placeOf(one)))
  const made = deps.session === null ? [] : await inSilver(deps.session, options)
  const counted = deps.session === null ? [] : await inGold(deps.session, options)
  const records = [...landed, ...still, ...made].sort(
    (a, b) =>
      (a.receivedAt ?? '').localeCompare(b.receivedAt ?? '') ||
      (a.partition ?? '').localeCompare(b.partition ?? '') ||
      (a.position ?? 0) - (b.position ?? 0) ||
      a.where.localeCompare(b.where),
  )
  return [...records, ...counted]
}

function placeOf({ partition, position }: TraceRecord): string {
  return `${partition}/${position}`
}

async function inJournal(
  reader: JournalReader,
  from: number,
  options: TraceOptions,
): Promise<TraceRecord[]> {
  const { first, end } = await reader.bounds()
  const found: TraceRecord[] = []
  for await (const record of recordsOf(reader, { from: Math.max(first, from), end })) {
    if (found.length >= options.most) break
    if (!('kind' in record)) continue
    const view = viewOf(record, true)
    if (concerns(view, options.id)) found.push(fromJournal(reader.partition, view, options.bodies))
  }
  return found
}

function concerns(view: RecordView, id: string): boolean {
  if (view.eventId === id || view.conversationId === id) return true
  return view.kind === 'unreadable' && view.body?.includes(id) === true
}

function fromJournal(partition: string, view: RecordView, bodies: boolean): TraceRecord {
  const { kind, body, bytes: _, ...rest } = view
  const record = { ...rest, where: 'journal' as const, partition, what: kind, eventTime: null }
  return bodies && body !== undefined ? { ...record, body } : record
}

async function inLake(session: QuerySession, options: TraceOptions): Promise<TraceRecord[]> {
  const id = literal(options.id)
  const { columns, rows } = await session.query(`
    WITH spans AS (
      SELECT coalesce(event_time, received_at) AS begins, begins AS ends
      FROM bronze.events WHERE conversation_id = ${id}
      UNION ALL
      SELECT start_time, coalesce(end_time, 'infinity'::TIMESTAMPTZ)
      FROM gold.conversations WHERE conversation_id = ${id}),
    span AS (SELECT min(begins) AS begins, max(ends) AS ends FROM spans)
    SELECT received_at, outcome, journal_partition, position, source, event_type, event_time,
      event_id, conversation_id, concat_ws(': ', reason, detail) AS detail, body
    FROM bronze.arrivals, span
    WHERE ${isOf(id)} OR (outcome = 'dead_letter' AND contains(body, ${id})) OR ${isGap}
    ORDER BY received_at, journal_partition, position LIMIT ${options.most}`)
  return rows.map((row) => {
    const values = new Map(columns.map(({ name }, index) => [name, row[index] ?? null]))
    return fromLake((name) => textOf(values.get(name) ?? null), options.bodies)
  })
}

const gapTime = (name: string) =>
  `make_timestamptz(1000 * TRY_CAST(json_extract_string(detail, '$.${name}') AS BIGINT))`

const isGap = `(outcome = 'note' AND reason = '${CHANNEL_GAP}'
  AND ${gapTime('from')} <= ends AND ${gapTime('to')} >= begins)`

const isOf = (id: string) => `event_id = ${id} OR conversation_id = ${id}
  OR starts_with(event_id, ${id} || '#') OR starts_with(event_id, ${id} || '@')`

/** What was made of events: their columns, which hold personal data only as the rules leave it. */
async function inSilver(session: QuerySession, options: TraceOptions): Promise<TraceRecord[]> {
  const id = literal(options.id)
  const selects = silverTables.map(
    (table) => `SELECT received_at, ${literal(table.name)} AS outcome, journal_partition,
      position, source, event_type, event_time, event_id, conversation_id,
      ${detailOf(table)} AS detail, NULL AS body
      FROM ${qualified(table.name)} WHERE ${isOf(id)}`,
  )
  const { columns, rows } = await session.query(
    `${selects.join(' UNION ALL ')} ORDER BY received_at, journal_partition,
    position, outcome, detail LIMIT ${options.most}`,
  )
  return rows.map((row) => {
    const values = new Map(columns.map(({ name }, index) => [name, row[index] ?? null]))
    const record = fromLake((name) => textOf(values.get(name) ?? null), false)
    return { ...record, where: 'silver', detail: withoutNulls(record.detail ?? '{}') }
  })
}

/** The conversation, or those of the event. Half hours count too many of them to be of one. */
async function inGold(session: QuerySession, { id: asked, most }: TraceOptions) {
  const id = literal(asked)
  const { rows } = await session.query(`
    SELECT conversation_id, ${detailOf(conversations)} AS detail
    FROM ${qualified(conversations.name)} WHERE conversation_id = ${id} OR conversation_id IN
      (SELECT conversation_id FROM bronze.events WHERE ${isOf(id)})
    ORDER BY conversation_id LIMIT ${most}`)
  return rows.map(
    ([conversationId = null, detail = null]): TraceRecord => ({
      ...{ receivedAt: null, where: 'gold', partition: null, position: null },
      ...{ what: conversations.name, source: null, eventType: null, eventTime: null },
      ...{ eventId: null, conversationId: textOf(conversationId) },
      detail: withoutNulls(textOf(detail) ?? '{}'),
    }),
  )
}

/** The columns that a record does not have anyway, as a JSON object. */
function detailOf({ columns }: Table): string {
  const own = columns.filter(({ name }) => !told.has(name))
  const parts = own.map(({ name }) => `${literal(name)}, ${identifier(name)}`)
  return `json_object(${parts.join(', ')})::VARCHAR`
}

/** Columns that a record has anyway. */
const told = new Set(
  ['received_at', 'journal_partition', 'position', 'source', 'event_type', 'event_time'].concat([
    'event_id',
    'conversation_id',
    'journal_id',
    'org_id',
    'date',
    'bucket',
  ]),
)

function withoutNulls(json: string): string {
  const values: Record<string, unknown> = JSON.parse(json)
  return JSON.stringify(
    Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null)),
  )
}

function fromLake(value: (name: string) => string | null, bodies: boolean): TraceRecord {
  const body = value('body')
  return {
    receivedAt: value('received_at'),
    where: 'lake',
    partition: value('journal_partition') ?? '',
    position: Number(value('position')),
    what: value('outcome') ?? '',
    source: value('source'),
    eventType: value('event_type'),
    eventTime: value('event_time'),
    eventId: value('event_id'),
    conversationId: value('conversation_id'),
    detail: value('detail') || null,
    ...(bodies && body !== null && { body }),
  }
}

function textOf(value: PlainValue): string | null {
  return value === null ? null : String(value)
}
