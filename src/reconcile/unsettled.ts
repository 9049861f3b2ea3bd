/**
 * Which conversations that began before an interval must be asked for by id: those that the lake
 * has as going on, those that ended within the interval or behind it, and those of which a dead
 * letter is open that no record has settled.
 *
 * Limits: only what began, or came as a dead letter, up to `REACH_MS` before the interval and where
 * the lake keeps it; at most `MOST` at a time, the youngest first, which is 40 calls; ids that
 * Genesys can know, UUIDs.
 */
import type { SqlEngine } from '../lake/sql/duckdb.ts'
import { literal, literals } from '../lake/sql/quote.ts'
import { conversations } from '../tables/gold.ts'
import type { Table } from '../tables/table.ts'
import { type KeptInterval, REACH_MS } from './intervals.ts'
import { type Days, dayOf } from './known.ts'

const MOST = 2000
const uuid = '[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}'

export interface UnsettledDeps {
  readonly engine: Pick<SqlEngine, 'rows'>
  readonly select: (table: Table, days: Days) => Promise<string>
  /** Conversations of which dead letters are open that came since then, ms. */
  readonly lettered: (since: number) => Promise<readonly string[]>
}

export async function unsettledBefore(
  { engine, select, lettered }: UnsettledDeps,
  { orgId, from, to, keptFrom }: KeptInterval & { readonly orgId: string },
): Promise<string[]> {
  const since = Math.max(from - REACH_MS, keptFrom)
  const rows = await engine.rows(`
    WITH told AS (
      SELECT conversation_id, epoch_ms(start_time) AS started, epoch_ms(end_time) AS ended,
        told_by = 'details' AND end_time IS NOT NULL AS is_settled
      FROM (${await select(conversations, { from: dayOf(since), to: dayOf(to) })})
      WHERE org_id = ${literal(orgId)}),
    lettered AS (SELECT unnest(${literals(await lettered(since))}::VARCHAR[]) AS conversation_id),
    asked AS (
      SELECT conversation_id, started FROM told
      WHERE started < ${from} AND (ended IS NULL OR ended >= ${from})
      UNION
      SELECT conversation_id, coalesce(started, ${from}) FROM lettered
      LEFT JOIN told USING (conversation_id)
      WHERE started IS NULL OR (started < ${from} AND NOT is_settled))
    SELECT conversation_id FROM asked WHERE regexp_full_match(conversation_id, '${uuid}')
    ORDER BY started DESC, conversation_id LIMIT ${MOST}`)
  return rows.map((row) => String(row['conversation_id']))
}
