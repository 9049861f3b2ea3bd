/**
 * The SQL that reads the events of one mapping: their bodies once, every field of them converted,
 * and beside each row what could not be.
 *
 * There are two ways to read the same. The quick one converts what bodies usually hold and marks
 * the rows that hold anything else as odd; the exact one takes longer, in planning alone many times
 * over, and tells what is wrong. Rows that are not odd are the same in both.
 *
 * A body is read by one `from_json` of all its fields, several times cheaper than a path for each.
 * Of a key that a body repeats the first value counts, here as in every JSON function of DuckDB.
 */
import { identifier, literal } from '../../lake/sql/quote.ts'
import type { Column } from '../../tables/table.ts'
import { ownNameSql } from '../topic-kind.ts'
import { object } from './conversion.ts'
import type { Check, Convert, Field, Mapping, Route } from './mapping.ts'
import { isMaskedWhenRead } from './masked-rows.ts'
import type { Masks } from './masks.ts'
import {
  type Container,
  containers,
  elements,
  listRows,
  mostElements,
  rootStruct,
  typeAt,
  valueAt,
} from './places.ts'

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

export interface Reading {
  readonly batch: string
  readonly masks: Masks
  readonly way: 'quick' | 'exact'
}

/**
 * A SELECT of the columns of the table that the mapping fills, in their order, then of
 * `violations_topic`, `violations` and `odd`.
 */
export function readMapping(route: Route, { batch, masks, way }: Reading): string {
  const { mapping } = route
  const fields = mapping.fields.map((field) => readField(route, field, way))
  const batchColumns = Object.entries(common).map(([name, sql]) => `${sql} AS ${identifier(name)}`)
  const filled = filledBy(mapping)
  const columns = mapping.table.columns
    .filter(({ name }) => filled.has(name))
    .map((column) => columnSql(mapping, column, masks))
  const lists = (mapping.lists ?? []).map((list, index) => {
    const from = index === 0 ? 'parsed' : `list_${index}`
    return `, list_${index + 1} AS (\n  ${listRows(route, list, from)}\n)`
  })
  // Expressions are prepared anew for each vector of rows: events that lie far apart fill few.
  return `WITH taken AS MATERIALIZED (
  SELECT ${batchColumns.join(', ')}, dialect, topic, body
  FROM ${batch} WHERE ${takenBy(route)}
), parsed AS (
  SELECT *, ${rootStruct(route)} AS level_0 FROM taken
)${lists.join('')}, raw AS (
  SELECT *, ${fields.map(({ raw, read }) => `${read} AS ${raw}`).join(', ')}
  FROM ${lists.length === 0 ? 'parsed' : `list_${lists.length}`}
), typed AS (
  SELECT *, ${fields.map(({ typed, value }) => `${value} AS ${typed}`).join(',\n    ')}
  FROM raw
), derived AS (
  SELECT ${['*', ...derivedColumns(mapping, way)].join(',\n    ')}
  FROM typed
)
SELECT ${columns.join(',\n  ')},
  coalesce(nullif(topic, ''), ${ownNameSql(route.dialect)}) AS violations_topic,
  ${findings(route, { fields, way })}
FROM derived`
}

function derivedColumns({ derived }: Mapping, way: Reading['way']): string[] {
  const convert: Convert = (as, raw) =>
    (way === 'quick' ? as.quick?.(raw) : undefined) ?? as.value(raw, 'true')
  const all = Object.entries(derived?.(convert) ?? {})
  return all.map(([name, sql]) => `${sql} AS ${identifier(name)}`)
}

/** Names of columns of its table; any other is null. */
export function filledBy({ fields, computed = {} }: Mapping): ReadonlySet<string> {
  const own = [...fields.map(({ column }) => column), ...Object.keys(computed)]
  return new Set([...Object.keys(common), ...own])
}

/** True for the events that are read so. */
export function takenBy({ mapping, dialect }: Route): string {
  const types = mapping.eventTypes.map(literal).join(', ')
  return `dialect = ${literal(dialect)} AND event_type IN (${types})`
}

interface ReadField {
  readonly paths: readonly string[]
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

function readField(route: Route, field: Field, way: Reading['way']): ReadField {
  const { column, paths, as } = field
  const raw = identifier(`raw_${column}`)
  const typed = identifier(`typed_${column}`)
  const partial = way === 'exact' && as.isPartial ? ` OR ${as.isPartial(raw)}` : ''
  const broken = `(${raw} IS NOT NULL AND (${typed} IS NULL${partial}))`
  const seen = pathSeen(route, paths)
  const quick = way === 'quick' ? as.quick?.(raw) : undefined
  return {
    paths,
    raw,
    read: `coalesce(${paths.map((path) => valueAt(route, path)).join(', ')})::VARCHAR`,
    typed,
    value: quick ?? as.value(raw, `${seen.type} = 'VARCHAR'`),
    broken,
    told: told({ broken, path: seen.path, rule: as.rule(raw), typeSeen: jsonType(seen.type) }),
  }
}

type Finding = Pick<ReadField, 'broken' | 'told'>

/** Each SQL. */
function told({ broken, path, rule, typeSeen }: Check): string {
  return `CASE WHEN ${broken} THEN {path: ${path}, rule: ${rule}, type_seen: ${typeSeen}} END`
}

function findings(
  route: Route,
  { fields, way }: { fields: readonly ReadField[]; way: Reading['way'] },
): string {
  const { lists = [], checks = [] } = route.mapping
  const all: readonly Finding[] = [
    ...fields,
    ...containers(route).map((container) => containerFinding(container, fields)),
    ...lists.map((list) => listFinding(route, list)),
    ...checks.map(checkFinding),
  ]
  const broken = all.map((one) => one.broken).join('\n    OR ')
  if (way === 'quick') return `NULL AS violations, ${broken} AS odd`
  return `CASE WHEN ${broken} THEN list_filter([
    ${all.map((one) => one.told).join(',\n    ')}
  ], lambda violation: violation IS NOT NULL) END AS violations, false AS odd`
}

/** A text where an object should be, or a list, or an object where a list should be. */
function containerFinding(container: Container, fields: readonly ReadField[]): Finding {
  const { path, type, typeSeen } = container
  const inside = fields.filter(({ paths }) => paths.some((one) => container.holds(one)))
  const isEmpty = `coalesce(${['NULL', ...inside.map(({ raw }) => raw)].join(', ')}) IS NULL`
  const broken = `(CASE WHEN ${isEmpty} THEN ${typeSeen} NOT IN ('NULL', '${type}') ELSE false END)`
  const rule = type === 'ARRAY' ? `'not_a_list'` : `'not_an_object'`
  return { broken, told: told({ broken, path: literal(path), rule, typeSeen: jsonType(typeSeen) }) }
}

function listFinding(route: Route, list: string): Finding {
  const broken = `(coalesce(len(${elements(route, list)}), 0) > ${mostElements})`
  const typeSeen = list.endsWith('*') ? `'object'` : `'array'`
  return { broken, told: told({ broken, path: literal(list), rule: `'too_many'`, typeSeen }) }
}

function checkFinding({ broken, path, rule, typeSeen }: Check): Finding {
  return { broken, told: told({ broken, path: literal(path), rule: literal(rule), typeSeen }) }
}

function columnSql(mapping: Mapping, column: Column, masks: Masks): string {
  const { name, type, personal, fields = [] } = column
  const mapped = mapping.fields.find((field) => field.column === name)
  const computed = mapping.computed?.[name]
  const value = computed ?? identifier(mapped ? `typed_${name}` : name)
  const isMasked = personal && isMaskedWhenRead(column)
  return `${isMasked ? masked(value) : value}::${type} AS ${identifier(name)}`

  function masked(expression: string): string {
    const [place = name] = fields
    if (mapped === undefined) return 'NULL'
    // Most rows have none, and masking nothing costs as much.
    return `CASE WHEN ${expression} IS NOT NULL THEN ${maskOf(expression, place)} END`
  }

  function maskOf(expression: string, place: string): string {
    if (mapped?.as === object) return masks.maskJson?.(place, expression) ?? 'NULL'
    if (type === 'VARCHAR[]') return masks.maskList(place, expression)
    const masked = masks.maskList(place, `list_transform(${expression}, lambda one: one.name)`)
    return `list_transform(list_zip(${expression}, ${masked}),
      lambda one: {id: one[1].id, role: one[1].role, name: one[2]})`
  }
}

/** SQL for the path that has a value, the first of them, and for the JSON type that it has. */
function pathSeen(
  route: Route,
  [first = '', ...others]: readonly string[],
): { path: string; type: string } {
  const own = { path: literal(first), type: typeAt(route, first) }
  if (others.length === 0) return own
  const rest = pathSeen(route, others)
  const choose = (one: string, other: string) =>
    `CASE WHEN coalesce(${own.type}, 'NULL') <> 'NULL' THEN ${one} ELSE ${other} END`
  return { path: choose(own.path, rest.path), type: choose(own.type, rest.type) }
}

function jsonType(type: string): string {
  return `CASE ${type} WHEN 'VARCHAR' THEN 'string' WHEN 'OBJECT' THEN 'object'
    WHEN 'ARRAY' THEN 'array' WHEN 'BOOLEAN' THEN 'boolean' ELSE 'number' END`
}
