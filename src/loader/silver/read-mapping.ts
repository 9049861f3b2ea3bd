/**
 * The SQL that reads the events of one mapping: their bodies once, every field of them converted,
 * and beside each row what could not be.
 *
 * A body is read by one `from_json` of all its fields, several times cheaper than a path for each.
 * Of a key that a body repeats the first value counts, here as in every JSON function of DuckDB.
 */
import { identifier, literal } from '../../lake/sql/quote.ts'
import type { Column } from '../../tables/table.ts'
import { bodyStruct, memberOf } from './body-struct.ts'
import { object } from './conversion.ts'
import type { Field, Mapping } from './mapping.ts'
import type { Masks } from './masks.ts'

/** What `violations` is a list of. */
export const violationType = 'STRUCT(path VARCHAR, rule VARCHAR, type_seen VARCHAR)'

/** SQL on the batch for columns that every table has. */
export const common: Readonly<Record<string, string>> = {
  event_id: 'event_id',
  org_id: 'org_id',
  source: 'source',
  event_type: 'event_type',
  event_time: 'coalesce(event_time, received_at)',
  received_at: 'received_at',
  conversation_id: 'conversation_id',
  journal_id: 'journal_id',
  journal_partition: 'journal_partition',
  position: 'position',
  date: 'coalesce(event_time, received_at)::DATE',
}

/**
 * A SELECT of the columns of the table, in their order, and after them of `violations_topic` and
 * `violations`.
 */
export function readMapping(mapping: Mapping, batch: string, masks: Masks): string {
  const fields = mapping.fields.map(readField)
  const batchColumns = Object.entries(common).map(([name, sql]) => `${sql} AS ${identifier(name)}`)
  const columns = mapping.table.columns.map(
    (column) => `${columnSql(mapping, column, masks)}
    AS ${identifier(column.name)}`,
  )
  return `WITH parsed AS (
  SELECT ${batchColumns.join(', ')}, dialect, topic, body, ${rootSql(mapping)} AS root,
    ${bodyStruct(mapping)} AS fields
  FROM ${batch} WHERE ${takenBy(mapping)}
), raw AS (
  SELECT * EXCLUDE (fields), ${fields.map(({ raw, read }) => `${read} AS ${raw}`).join(', ')}
  FROM parsed
), typed AS (
  SELECT *, ${fields.map(({ typed, value }) => `${value} AS ${typed}`).join(',\n    ')}
  FROM raw
)
SELECT ${columns.join(',\n  ')}, topic AS violations_topic,
  CASE WHEN ${fields.map(({ broken }) => broken).join('\n    OR ')} THEN list_filter([
    ${fields.map(({ told }) => told).join(',\n    ')}
  ], lambda violation: violation IS NOT NULL) END AS violations
FROM typed`
}

/** True for the events that a mapping takes. */
export function takenBy({ roots, eventTypes }: Mapping): string {
  const listed = (texts: readonly string[]) => `(${texts.map(literal).join(', ')})`
  return `dialect IN ${listed(Object.keys(roots))} AND event_type IN ${listed(eventTypes)}`
}

interface ReadField {
  /** The column of what the body has, and the SQL for it. */
  readonly raw: string
  readonly read: string
  /** The column of what it becomes, and the SQL for it. */
  readonly typed: string
  readonly value: string
  /** True where the body has something that the column cannot hold, and the SQL that tells it. */
  readonly broken: string
  readonly told: string
}

function readField({ column, paths, as }: Field): ReadField {
  const raw = identifier(`raw_${column}`)
  const typed = identifier(`typed_${column}`)
  const broken = `(${raw} IS NOT NULL AND ${typed} IS NULL)`
  const members = paths.map((path) => memberOf('fields', path))
  const path = pathSeen(paths)
  const type = `json_type(body, ${place(path)})`
  return {
    raw,
    read: `coalesce(${members.join(', ')})::VARCHAR`,
    typed,
    value: as.value(raw, `${type} = 'VARCHAR'`),
    broken,
    told: `CASE WHEN ${broken}
      THEN {path: ${path}, rule: ${as.rule(raw)}, type_seen: ${jsonType(type)}} END`,
  }
}

function columnSql(mapping: Mapping, { name, type, personal, fields = [] }: Column, masks: Masks) {
  const mapped = mapping.fields.find(({ column }) => column === name)
  if (mapped === undefined) return `${mapping.computed?.[name] ?? commonOrNull(name)}::${type}`
  const typed = identifier(`typed_${name}`)
  const [place = name] = fields
  if (!personal) return typed
  if (mapped.as === object) return `${masks.maskJson?.(place, typed) ?? 'NULL'}::${type}`
  return type === 'VARCHAR' ? masks.mask(place, typed) : masks.maskList(place, typed)
}

const commonOrNull = (name: string) => (name in common ? identifier(name) : 'NULL')

function rootSql({ roots }: Mapping): string {
  const cases = Object.entries(roots).map(
    ([dialect, path]) => `WHEN ${literal(dialect)} THEN ${literal(path)}`,
  )
  return `CASE dialect ${cases.join(' ')} END`
}

/** The place of a field within its root, for JSON functions of DuckDB. */
const place = (path: string) => `concat_ws('.', '$', nullif(root, ''), ${path})`

/** SQL for the path that has a value, the first of them. */
function pathSeen([first = '', ...others]: readonly string[]): string {
  if (others.length === 0) return literal(first)
  const seen = `json_extract_string(body, ${place(literal(first))}) IS NOT NULL`
  return `CASE WHEN ${seen} THEN ${literal(first)} ELSE ${pathSeen(others)} END`
}

function jsonType(type: string): string {
  return `CASE ${type} WHEN 'VARCHAR' THEN 'string' WHEN 'OBJECT' THEN 'object'
    WHEN 'ARRAY' THEN 'array' WHEN 'BOOLEAN' THEN 'boolean' ELSE 'number' END`
}
