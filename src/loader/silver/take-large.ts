/**
 * Large fields go into `silver.large_fields` before anything else of a slice is read, so that no
 * other table, and no violation, can hold them.
 *
 * What becomes of each is said by the rules of privacy, as of any other field: it is there as it is
 * only where a rule keeps it. Pure in the events (I7).
 */
import type { SqlEngine } from '../../lake/sql/duckdb.ts'
import { identifier, literal } from '../../lake/sql/quote.ts'
import { defineTextFunction } from '../../lake/sql/text-function.ts'
import { type LargeFieldRules, largeFields as taking } from '../../privacy/large-fields.ts'
import { largeFields } from '../../tables/silver.ts'
import { knownFields, type MaskingRules } from '../body-mask.ts'
import type { EventSlice } from './event-slice.ts'
import type { SilverStatement } from './statements.ts'

export interface TakenLarge {
  readonly statement: SilverStatement
  readonly discard: string
}

const taken = identifier('silver_large')
const found = '[{"path":"VARCHAR","ordinal":"INTEGER","bytes":"BIGINT","value":"VARCHAR"}]'
const discard = `DROP TABLE IF EXISTS ${taken}`

/** Changes the bodies of the slice. The engine must be prepared. */
export async function takeLargeFields(
  { engine, relation }: EventSlice,
  { over }: LargeFieldRules,
): Promise<TakenLarge> {
  const isLarge = `strlen(body) > ${over}`
  await engine.run(`CREATE OR REPLACE TABLE ${taken} AS
    SELECT * EXCLUDE (body), inlet_large_fields(dialect, topic, event_type, body) AS found
    FROM ${relation} WHERE ${isLarge}`)
  await engine.run(`DELETE FROM ${taken} WHERE found IS NULL`)
  const place = 'journal_id, journal_partition, position'
  await engine.run(`UPDATE ${relation} SET body = inlet_without_large_fields(body)
    WHERE ${isLarge} AND (${place}) IN (SELECT (${place}) FROM ${taken})`)
  return { statement: { table: largeFields, select }, discard }
}

const told: Readonly<Record<string, string>> = {
  path: 'one.path',
  ordinal: 'one.ordinal',
  bytes: 'one.bytes',
  value: 'one.value',
  date: 'event_time::DATE',
}
const inSlice = new Set([
  ...['event_id', 'org_id', 'source', 'event_type', 'event_time', 'received_at'],
  ...['conversation_id', 'journal_id', 'journal_partition', 'position'],
])

const select = `SELECT ${largeFields.columns
  .map(({ name, type }) => {
    const value = told[name] ?? (inSlice.has(name) ? identifier(name) : 'NULL')
    return `${value}::${type} AS ${identifier(name)}`
  })
  .join(', ')} FROM (SELECT *, unnest(from_json(found, ${literal(found)})) AS one FROM ${taken})`

/** To be called once for an engine. */
export async function prepareLargeFields(
  engine: SqlEngine,
  rules: MaskingRules,
  large: LargeFieldRules,
): Promise<void> {
  const take = taking(large)
  await engine.use(async (connection) => {
    defineTextFunction(connection, {
      name: 'inlet_without_large_fields',
      parameters: 1,
      of: ([body]) => (body == null ? null : (take(body)?.body ?? body)),
    })
    defineTextFunction(connection, {
      name: 'inlet_large_fields',
      parameters: 4,
      of([dialect, topic, eventType, body]) {
        const fields = body == null ? [] : (take(body)?.fields ?? [])
        if (fields.length === 0) return null
        const subject = { dialect: dialect ?? '', topic: topic ?? null, eventType: eventType ?? '' }
        const known = knownFields(rules, subject)
        const rows = fields.map(({ field, path: at, json }, ordinal) => {
          const value = plain(rules.policy.maskJson(json, { known, at }))
          return { path: field, ordinal, bytes: Buffer.byteLength(json), value }
        })
        return JSON.stringify(rows)
      },
    })
  })
}

/** A text without its quotes; anything else as JSON. */
function plain(json: string | null): string | null {
  if (json === null || json === 'null') return null
  return json.startsWith('"') ? String(JSON.parse(json)) : json
}
