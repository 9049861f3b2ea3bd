/**
 * Bodies that stand in bronze as events of more than one id within a scope: the same bytes, told
 * apart by nothing but what was read as their id.
 *
 * An id is read from the body, so that this is seen where other rules read it: a mapping that was
 * changed between two deliveries, or sources of one dedup group that read differently. Each is an
 * event by its id, and none is lost; whether one of them is superfluous is for people to say.
 *
 * Not meant are the variants of one id: `id@received`, which is the same observation made again,
 * and `id#hash` (./decide.ts). Nor are bodies that were erased: what is left of them tells no more
 * whether they were the same.
 *
 * Each row costs two numbers of 64 bits, set-based, which DuckDB spills where memory ends. Keys
 * that two bodies share by chance are told apart by the second question.
 */
import type { SqlRow } from '../lake/sql/duckdb.ts'
import { isErased } from './erase/seek.ts'

export interface SameBody {
  readonly bodySha256: string
  readonly scope: string
  /** Two of them. */
  readonly eventIds: readonly [string, string]
  readonly rows: number
}

/** The id without what makes it a variant. */
const ownId = `CASE reason WHEN 'observed_again' THEN regexp_replace(event_id, '@[0-9]+$', '')
  WHEN 'id_reused' THEN regexp_replace(event_id, '#[0-9a-f]{16}$', '') ELSE event_id END`

/** `rows` answers questions about `bronze`; `scope` is that of a row, as SQL. At most `most`. */
export async function sameBodies(
  rows: (sql: string) => Promise<SqlRow[]>,
  { scope, most }: { readonly scope: string; readonly most: number },
): Promise<SameBody[]> {
  const key = `hash(${scope}, body_sha256)`
  const bodies = `bronze WHERE outcome = 'event' AND NOT coalesce(${isErased}, false)`
  const keys = await rows(`
    SELECT key FROM (SELECT ${key} AS key, hash(${ownId}) AS id FROM ${bodies})
    GROUP BY key HAVING min(id) <> max(id) ORDER BY key LIMIT ${most}`)
  if (keys.length === 0) return []
  const among = keys.map((row) => String(row['key'])).join(', ')
  const found = await rows(`
    SELECT body_sha256, ${scope} AS scope, count(*)::DOUBLE AS n,
      arg_min(event_id, ${ownId}) AS one, arg_max(event_id, ${ownId}) AS another
    FROM ${bodies} AND ${key} IN (${among}) GROUP BY ALL
    HAVING min(${ownId}) <> max(${ownId}) ORDER BY body_sha256, scope`)
  return found.map((row) => ({
    bodySha256: String(row['body_sha256']),
    scope: String(row['scope']),
    eventIds: [String(row['one']), String(row['another'])],
    rows: Number(row['n']),
  }))
}
