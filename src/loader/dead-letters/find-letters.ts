/**
 * Dead letters as bronze has them, each with what was decided about it.
 *
 * What is read: files of dead letters within the times that are asked for, and of notes those that
 * may hold decisions. Decisions that are durable and not in the lake yet are given as `waiting`.
 */
import { InletError } from '../../core/errors.ts'
import { operatorPartition, replayPartition } from '../../journal/command-partitions.ts'
import type { DeltaTable } from '../../lake/delta/delta-table.ts'
import { mayHoldText } from '../../lake/delta/statistics.ts'
import type { DataFile } from '../../lake/delta/table-state.ts'
import type { SqlRow } from '../../lake/sql/duckdb.ts'
import { literal, literals } from '../../lake/sql/quote.ts'
import { namedConversationsSql } from '../../tables/arrivals.ts'
import { atPositions, type BronzeDeps, bronzeSelect, receivedIn } from '../bronze-files.ts'
import { appPlace, type EventPlace } from '../places.ts'
import {
  type DeadLetter,
  DISCARDED,
  type LetterDecision,
  type LetterName,
  type LetterState,
  letterId,
  REPLAYED,
} from './letter.ts'

export interface LetterBooks extends BronzeDeps {
  readonly table: DeltaTable
  readonly waiting: readonly LetterDecision[]
}

/** All that are given must hold. */
export interface LetterFilter {
  readonly source?: string
  readonly reason?: string
  readonly eventType?: string
  /** Received at or after, ms. */
  readonly since?: number
  /** Received before, ms. */
  readonly until?: number
  readonly state?: LetterState
  readonly names?: readonly LetterName[]
}

/** Of a reason, by state. */
export interface LetterTotal {
  readonly reason: string
  readonly open: number
  readonly replayed: number
  readonly discarded: number
}

export interface FindOptions {
  readonly most: number
  readonly order: 'newest' | 'oldest'
}

export async function findLetters(
  books: LetterBooks,
  filter: LetterFilter,
  { most, order }: FindOptions,
): Promise<DeadLetter[]> {
  const direction = order === 'newest' ? 'DESC' : 'ASC'
  const rows = await books.engine.rows(`${await lettersSql(books, filter)}
    SELECT *, coalesce(strlen(body), octet_length(body_bytes), 0)::DOUBLE AS bytes,
      epoch_ms(received_at)::DOUBLE AS received_ms, position::DOUBLE AS place
    FROM letters WHERE ${condition(filter)}
    ORDER BY received_at ${direction}, journal_id, journal_partition, position ${direction}
    LIMIT ${most}`)
  const isAmbiguous = ambiguity(books.table)
  return rows.map((row) => letterOf(row, isAmbiguous))
}

/**
 * Letters by their names, and those names that no letter has. Throws INL_CLI_USAGE where a name is
 * that of several.
 */
export async function findNamed(
  books: LetterBooks,
  names: readonly LetterName[],
  filter: LetterFilter,
): Promise<{ letters: DeadLetter[]; missing: string[] }> {
  const most = 2 * names.length
  const letters = await findLetters(books, { ...filter, names }, { most, order: 'oldest' })
  const missing: string[] = []
  for (const name of names) {
    const [one, another] = letters.filter((letter) => hasName(letter, name))
    if (one === undefined) missing.push(name.text)
    if (another === undefined || one === undefined) continue
    const hint = `Name it whole: ${one.id} or ${another.id}.`
    throw new InletError('INL_CLI_USAGE', { reason: `${name.text} names two dead letters`, hint })
  }
  return { letters, missing }
}

function hasName({ partition, position, journalId }: DeadLetter, name: LetterName): boolean {
  return (
    partition === name.partition && position === name.position && journalId.startsWith(name.journal)
  )
}

/**
 * What a command is to decide about: open letters, the oldest first. `books` is null where nothing
 * has landed.
 */
export async function findOpen(
  books: LetterBooks | null,
  { names, ...filter }: LetterFilter,
  most: number,
): Promise<{ letters: DeadLetter[]; missing: string[] }> {
  if (books === null) return { letters: [], missing: (names ?? []).map(({ text }) => text) }
  const open = { ...filter, state: 'open' } as const
  if (names !== undefined) return findNamed(books, names, open)
  return { letters: await findLetters(books, open, { most, order: 'oldest' }), missing: [] }
}

/** By reason, whatever their state. */
export async function countLetters(
  books: LetterBooks,
  { state: _, ...filter }: LetterFilter,
): Promise<LetterTotal[]> {
  const count = (state: LetterState) =>
    `count(*) FILTER (WHERE state = '${state}')::DOUBLE AS ${state}`
  const rows = await books.engine.rows(`${await lettersSql(books, filter)}
    SELECT reason, ${count('open')}, ${count('replayed')}, ${count('discarded')}
    FROM letters WHERE ${condition(filter)} GROUP BY reason ORDER BY open DESC, reason`)
  return rows.map((row) => ({
    reason: String(row['reason']),
    open: Number(row['open']),
    replayed: Number(row['replayed']),
    discarded: Number(row['discarded']),
  }))
}

export interface OpenLetters {
  readonly open: number
  /** When the oldest was received, ms; null for none. */
  readonly oldestAt: number | null
}

/** `books` is null where nothing has landed. */
export async function openLetters(books: LetterBooks | null): Promise<OpenLetters> {
  if (books === null) return { open: 0, oldestAt: null }
  const [row] = await books.engine.rows(`${await lettersSql(books, {})}
    SELECT count(*)::DOUBLE AS open, epoch_ms(min(received_at))::DOUBLE AS oldest
    FROM letters WHERE state = 'open'`)
  const oldest = row?.['oldest'] ?? null
  return { open: Number(row?.['open'] ?? 0), oldestAt: oldest === null ? null : Number(oldest) }
}

/** The conversations that letters tell of which are open and came to these sources since then. */
export async function conversationsOfOpen(
  books: LetterBooks,
  { sources, since }: { readonly sources: readonly string[]; readonly since: number },
): Promise<string[]> {
  const rows = await books.engine.rows(`${await lettersSql(books, { since })}
    SELECT DISTINCT unnest(${namedConversationsSql}) AS conversation_id FROM letters
    WHERE ${condition({ since, state: 'open' })} AND source IN ${literals(sources)}`)
  return rows.map((row) => String(row['conversation_id']))
}

/** By id; those whose body was not kept are not among them. */
export async function readBodies(
  { store, table, engine }: LetterBooks,
  letters: readonly DeadLetter[],
): Promise<Map<string, Uint8Array>> {
  if (letters.length === 0) return new Map()
  const hasPosition = atPositions(letters.map(({ position }) => position))
  const bronze = await bronzeSelect(
    store,
    table,
    (file) => isOf('dead_letter', file) && hasPosition(file),
  )
  const places = letters.map(
    ({ journalId, partition, position }) =>
      `(${literal(journalId)}, ${literal(partition)}, ${position})`,
  )
  const rows = await engine.rows(`
    SELECT journal_id, journal_partition, position::DOUBLE AS place,
      coalesce(encode(body), body_bytes) AS bytes
    FROM (${bronze}) WHERE outcome = 'dead_letter' AND bytes IS NOT NULL
      AND position IN (${letters.map(({ position }) => position).join(', ')})
      AND (journal_id, journal_partition, position) IN (VALUES ${places.join(', ')})`)
  const isAmbiguous = ambiguity(table)
  return new Map(
    rows.flatMap((row) => {
      const bytes = row['bytes']
      const id = letterId(placeOf(row), isAmbiguous(String(row['journal_partition'])))
      return bytes instanceof Uint8Array ? [[id, bytes] as const] : []
    }),
  )
}

const decidedShape = JSON.stringify({
  journal_id: 'VARCHAR',
  partition: 'VARCHAR',
  position: 'BIGINT',
  attempt: 'INTEGER',
  why: 'VARCHAR',
})
const linkShape = JSON.stringify({
  found: 'VARCHAR',
  attempt: 'INTEGER',
  journal_id: 'VARCHAR',
  partition: 'VARCHAR',
  position: 'BIGINT',
})

/** `letters`, as common table expressions: every dead letter with its state. */
async function lettersSql(
  { store, table, waiting }: LetterBooks,
  { since, until }: LetterFilter,
): Promise<string> {
  const span = { from: since ?? Number.NEGATIVE_INFINITY, until: until ?? Number.POSITIVE_INFINITY }
  const isInTime = receivedIn([span])
  const dead = await bronzeSelect(
    store,
    table,
    (file) => isOf('dead_letter', file) && isInTime(file),
  )
  const notes = await bronzeSelect(store, table, mayHoldDecisions)
  return `
    WITH told AS (
      SELECT reason, epoch_ms(received_at)::DOUBLE AS told_at,
        from_json(detail, '${decidedShape}') AS d
      FROM (${notes}) WHERE outcome = 'note' AND reason IN ('${REPLAYED}', '${DISCARDED}')
        AND journal_partition IN ('${operatorPartition}', '${replayPartition}')),
    decisions AS (
      SELECT d.journal_id AS journal_id, d.partition AS journal_partition, d.position AS position,
        reason, told_at, d.attempt AS attempt, d.why AS why
      FROM told UNION ALL ${waitingSql(waiting)}),
    decided AS (
      SELECT journal_id, journal_partition, position, max(told_at) AS decided_at,
        arg_max({'reason': reason, 'attempt': attempt, 'why': why}, told_at) AS last
      FROM decisions GROUP BY ALL),
    found AS (
      SELECT *, CASE WHEN journal_partition = '${replayPartition}' AND json_valid(detail)
        THEN from_json(detail, '${linkShape}') END AS link
      FROM (${dead}) WHERE outcome = 'dead_letter'),
    letters AS (
      SELECT found.* REPLACE (coalesce(link.found, detail) AS detail),
        CASE last.reason WHEN '${REPLAYED}' THEN 'replayed' WHEN '${DISCARDED}' THEN 'discarded'
          ELSE 'open' END AS state,
        decided_at, last.why AS why, coalesce(last.attempt, link.attempt, 0) AS attempts
      FROM found LEFT JOIN decided USING (journal_id, journal_partition, position))`
}

function waitingSql(waiting: readonly LetterDecision[]): string {
  const rows = waiting.map(({ journalId, partition, position, reason, at, attempt, why }) => {
    const place = `${literal(journalId)}, ${literal(partition)}, ${position}`
    const words = why === null ? 'NULL' : literal(why)
    return `(${place}, ${literal(reason)}, ${at}, ${attempt ?? 'NULL'}, ${words})`
  })
  const none = `SELECT NULL, NULL, NULL, NULL, NULL, NULL, NULL WHERE false`
  return rows.length === 0 ? none : `SELECT * FROM (VALUES ${rows.join(', ')})`
}

function condition(filter: LetterFilter): string {
  const { source, reason, eventType, since, until, state, names } = filter
  const is = (column: string, text: string | undefined) =>
    text === undefined ? [] : [`${column} = ${literal(text)}`]
  const at = (operator: string, ms: number | undefined) =>
    ms === undefined ? [] : [`epoch_ms(received_at) ${operator} ${ms}`]
  const conditions = [
    ...is('source', source),
    ...is('reason', reason),
    ...is('event_type', eventType),
    ...is('state', state),
    ...at('>=', since),
    ...at('<', until),
    ...(names === undefined ? [] : [`(${names.map(named).join(' OR ') || 'false'})`]),
  ]
  return conditions.join(' AND ') || 'true'
}

function named({ partition, position, journal }: LetterName): string {
  return `(journal_partition = ${literal(partition)} AND position = ${position}
    AND starts_with(journal_id, ${literal(journal)}))`
}

function isOf(outcome: string, { partitionValues }: DataFile): boolean {
  return partitionValues['outcome'] === outcome
}

function mayHoldDecisions(file: DataFile): boolean {
  return (
    isOf('note', file) &&
    [operatorPartition, replayPartition].some((partition) =>
      mayHoldText(file.stats, 'journal_partition', partition),
    )
  )
}

/** Whether several journals had a partition: from what the table says of its progress. */
function ambiguity(table: DeltaTable): (partition: string) => boolean {
  const journals = new Map<string, number>()
  for (const app of table.snapshot().txns.keys()) {
    const partition = appPlace(app)?.partition
    if (partition !== undefined) journals.set(partition, (journals.get(partition) ?? 0) + 1)
  }
  return (partition) => (journals.get(partition) ?? 0) > 1
}

function letterOf(row: SqlRow, isAmbiguous: (partition: string) => boolean): DeadLetter {
  const place = placeOf(row)
  const text = (name: string) => (row[name] === null ? null : String(row[name]))
  return {
    ...place,
    id: letterId(place, isAmbiguous(place.partition)),
    state: String(row['state']) as LetterState,
    source: text('source'),
    sender: text('sender'),
    headers: text('headers'),
    eventType: text('event_type'),
    receivedAt: Number(row['received_ms']),
    reason: text('reason') ?? '',
    detail: text('detail') ?? '',
    bytes: Number(row['bytes']),
    bodySha256: text('body_sha256'),
    attempts: Number(row['attempts']),
    replayOf: linkOf(row['link'], isAmbiguous),
    decidedAt: row['decided_at'] === null ? null : Number(row['decided_at']),
    why: text('why'),
  }
}

function linkOf(link: unknown, isAmbiguous: (partition: string) => boolean): string | null {
  if (typeof link !== 'object' || link === null) return null
  const { journal_id, partition, position } = link as Record<string, unknown>
  if (typeof partition !== 'string') return null
  const place = { journalId: String(journal_id), partition, position: Number(position) }
  return letterId(place, isAmbiguous(partition))
}

function placeOf(row: SqlRow): EventPlace {
  return {
    journalId: String(row['journal_id']),
    partition: String(row['journal_partition']),
    position: Number(row['place']),
  }
}
