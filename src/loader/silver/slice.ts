/**
 * A slice of events as a table of DuckDB, in which every body can be read by its JSON functions.
 *
 * Guarantee: an event is in the slice once, or told of as a violation with rule
 * `not_readable_by_sql`. Texts that Unicode does not know are written as `\ufffd` and told of with
 * rule `not_unicode`; a time that cannot be is replaced by that of receipt and told of with rule
 * `event_time_impossible`. The exact body stays in bronze.
 */
import type { SqlEngine } from '../../lake/sql/duckdb.ts'
import { identifier, literal } from '../../lake/sql/quote.ts'
import { MASKED } from '../../privacy/masking.ts'
import { violations } from '../../tables/silver.ts'
import type { Table } from '../../tables/table.ts'
import { isErased } from '../erase/seek.ts'
import { inRanges, type RowsInRanges } from '../progress/bronze-rows.ts'
import type { PositionRange } from '../progress/standing.ts'
import type { EventSlice } from './event-slice.ts'
import { readable, suspicious } from './readable.ts'
import type { SilverStatement } from './statements.ts'

const relation = identifier('silver_slice')
const mended = identifier('silver_mended')
/** Events of the slice, or kept out of it, and what is to be told of them. */
const told = identifier('silver_told')

export interface Slice extends EventSlice {
  /** What is told of the slice so far. */
  violations(): Promise<readonly SilverStatement[]>
  /** The SELECT of rows of a table, without what is personal of events that were erased. */
  withoutErased(table: Table, select: string): string
}

const head = [
  ...['event_id', 'org_id', 'source', 'event_type', 'event_time', 'received_at'],
  ...['conversation_id', 'journal_id', 'journal_partition', 'position'],
]
  .map((name) => `slice.${identifier(name)}`)
  .join(', ')

/** How long before it was received an event may have happened. */
export const EARLIEST_MS = 400 * 86_400_000
const dayUs = 86_400_000_000
const isPossible = `coalesce(
  epoch_us(event_time) - epoch_us(received_at) BETWEEN ${-1000 * EARLIEST_MS} AND ${dayUs}, true)`

/** DuckDB takes a byte order mark, which some senders begin with, for no JSON. */
const bareBody = `CASE WHEN starts_with(body, chr(65279)) THEN substr(body, 2) ELSE body END`

/** `spared`: events that are known to kill DuckDB; nothing is asked of their bodies. */
export async function openSlice(
  engine: SqlEngine,
  rows: RowsInRanges,
  spared: readonly PositionRange[],
): Promise<Slice> {
  const body =
    spared.length === 0 ? bareBody : `CASE WHEN NOT (${inRanges(spared)}) THEN ${bareBody} END`
  const possible = `CASE WHEN ${isPossible} THEN event_time END`
  await engine.run(`
    CREATE OR REPLACE TABLE ${relation} AS
    SELECT event_id, org_id, source, dialect, topic, event_type,
      coalesce(${possible}, received_at) AS event_time, event_time_source, received_at,
      conversation_id, ${body} AS body, journal_id, journal_partition, position,
      NOT ${isPossible} AS impossible, coalesce(${isErased}, false) AS erased
    FROM (${rows.select})`)
  await engine.run(`
    CREATE OR REPLACE TABLE ${told} AS
    SELECT ${head}, 'event_time_impossible' AS rule, event_time_source AS path
    FROM ${relation} slice WHERE impossible`)
  await mendBodies(engine)
  await leaveOut(engine, 'body IS NULL')
  const [found] = await engine.rows(`SELECT count_if(erased) AS n FROM ${relation}`)
  const hasErased = Number(found?.['n']) > 0
  const withoutErased = (table: Table, select: string) =>
    hasErased ? withoutPersonal(table, select) : select
  return { engine, relation, violations: () => violationsTold(engine), withoutErased }
}

/** What stands in bodies and topics in the place of an id that did not stay. */
const noId = [MASKED, '{id}'].map(literal).join(', ')

/** As an erasure leaves the rows that it finds (../erase/erase-derived.ts). */
function withoutPersonal({ columns }: Table, select: string): string {
  const place = 'journal_id, journal_partition, position'
  const kept = columns.map(({ name, type, personal }) => {
    const own = `row.${identifier(name)}`
    const left =
      type === 'VARCHAR' && !personal ? `CASE WHEN ${own} NOT IN (${noId}) THEN ${own} END` : 'NULL'
    const isWhole = type !== 'VARCHAR' && !personal
    return isWhole
      ? own
      : `CASE WHEN erased.position IS NULL THEN ${own} ELSE ${left} END AS ${identifier(name)}`
  })
  return `SELECT ${kept.join(', ')} FROM (${select}) AS row
    LEFT JOIN (SELECT ${place} FROM ${relation} WHERE erased) AS erased USING (${place})`
}

/** What DuckDB itself does not take for JSON goes, of a slice that it has failed at. */
export function leaveOutInvalid(engine: SqlEngine): Promise<void> {
  return leaveOut(engine, 'NOT json_valid(body)')
}

export async function closeSlice(engine: SqlEngine): Promise<void> {
  for (const table of [relation, mended, told]) await engine.run(`DROP TABLE IF EXISTS ${table}`)
}

const select = `
  SELECT * EXCLUDE (rule, path), event_type AS topic, NULL AS participant_id, NULL AS session_id,
    NULL AS media_type, NULL AS direction, NULL AS queue_id, NULL AS user_id,
    NULL AS schema_version, path, rule, NULL AS type_seen, event_time::DATE AS date
  FROM ${told}`

/** None where there is nothing to tell: a statement without rows takes as long as one of many. */
async function violationsTold(engine: SqlEngine): Promise<readonly SilverStatement[]> {
  const [found] = await engine.rows(`SELECT count(*) AS n FROM ${told}`)
  return Number(found?.['n']) > 0 ? [{ table: violations, select }] : []
}

async function mendBodies(engine: SqlEngine): Promise<void> {
  const bodies = await judgedBodies(engine)
  if (bodies.length === 0) return
  await engine.run(`CREATE OR REPLACE TABLE ${mended} (row BIGINT, body VARCHAR)`)
  await engine.use(async (connection) => {
    const appender = await connection.createAppender('silver_mended')
    for (const { row, body } of bodies) {
      appender.appendBigInt(row)
      if (body === null) appender.appendNull()
      else appender.appendVarchar(body)
      appender.endRow()
    }
    appender.closeSync()
  })
  await engine.run(`
    INSERT INTO ${told} SELECT ${head}, 'not_unicode', NULL
    FROM ${relation} slice JOIN ${mended} mended ON slice.rowid = mended.row
    WHERE mended.body IS NOT NULL`)
  await engine.run(`
    UPDATE ${relation} SET body = mended.body FROM ${mended} mended
    WHERE ${relation}.rowid = mended.row`)
}

/** Those that cannot stay as they are; null for one that is not to be read. */
async function judgedBodies(engine: SqlEngine) {
  const judged: { row: bigint; body: string | null }[] = []
  await engine.use(async (connection) => {
    const found = await connection.stream(
      `SELECT rowid, body FROM ${relation} WHERE ${suspicious('body')}`,
    )
    for (;;) {
      const chunk = await found.fetchChunk()
      if (chunk === null || chunk.rowCount === 0) return
      const [rows, bodies] = [chunk.getColumnVector(0), chunk.getColumnVector(1)]
      for (let at = 0; at < chunk.rowCount; at++) {
        const verdict = readable(String(bodies.getItem(at)))
        if (verdict.kind === 'as_it_is') continue
        const body = verdict.kind === 'mended' ? verdict.body : null
        judged.push({ row: BigInt(String(rows.getItem(at))), body })
      }
    }
  })
  return judged
}

/** They are told of once. */
async function leaveOut(engine: SqlEngine, condition: string): Promise<void> {
  await engine.run(`
    INSERT INTO ${told} SELECT ${head}, 'not_readable_by_sql', NULL FROM ${relation} slice
    WHERE ${condition}`)
  await engine.run(`DELETE FROM ${relation} WHERE ${condition}`)
}
