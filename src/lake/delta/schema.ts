/**
 * A Table as the Delta schema has it, and what to do where the stored schema differs.
 * Source: PROTOCOL.md, "Schema Serialization Format"; for properties, Delta's "Table properties
 * reference". Every column is nullable.
 */
import { isDeepStrictEqual } from 'node:util'
import { InletError } from '../../core/errors.ts'
import type { Column, ColumnType, Table } from '../../tables/table.ts'
import type { MetaData } from './actions.ts'

const deltaTypes: Readonly<Record<ColumnType, unknown>> = {
  VARCHAR: 'string',
  BIGINT: 'long',
  INTEGER: 'integer',
  DOUBLE: 'double',
  BOOLEAN: 'boolean',
  DATE: 'date',
  TIMESTAMPTZ: 'timestamp',
  BLOB: 'binary',
  'VARCHAR[]': list('string'),
  'STRUCT(id VARCHAR, role VARCHAR, name VARCHAR)[]': list({
    type: 'struct',
    fields: ['id', 'role', 'name'].map((name) => nullable(name, 'string')),
  }),
}

interface Field {
  readonly name: string
  readonly type: unknown
  readonly nullable: boolean
  readonly metadata: Readonly<Record<string, unknown>>
}

export function schemaString(table: Table): string {
  return JSON.stringify({ type: 'struct', fields: table.columns.map(field) })
}

/**
 * The schema to store so that `table` can be written, or null where the stored one suffices.
 * Columns are only ever added; those that the table does not define are another version's and stay.
 * Throws INL_LAK_SCHEMA where a column has another type or the partitioning differs.
 */
export function evolvedSchema(table: Table, stored: MetaData): string | null {
  const fail = (reason: string) => new InletError('INL_LAK_SCHEMA', { table: table.name, reason })
  if (stored.partitionColumns.join() !== table.partitionedBy.join())
    throw fail(`it is partitioned by ${stored.partitionColumns.join(', ') || 'nothing'}`)
  const fields = parseFields(stored.schemaString)
  if (fields === null) throw fail('its schema is no struct')
  const byName = new Map(fields.map((one) => [one.name, one]))
  for (const { name, type } of table.columns) {
    const found = byName.get(name)
    if (found && !isDeepStrictEqual(found.type, deltaTypes[type]))
      throw fail(`${name} is ${JSON.stringify(found.type)}, not ${textOf(deltaTypes[type])}`)
  }
  const missing = table.columns.filter(({ name }) => !byName.has(name)).map(field)
  if (missing.length === 0) return null
  return JSON.stringify({ type: 'struct', fields: [...fields, ...missing] })
}

const measuredProperty = 'delta.dataSkippingStatsColumns'

/**
 * The properties to store so that readers know which columns have statistics, or null where the
 * stored ones suffice. Without them delta-rs takes a column without bounds for one whose bounds are
 * null, and a filter of PyArrow on it finds no row.
 */
export function evolvedProperties(
  table: Table,
  stored: MetaData['configuration'],
): MetaData['configuration'] | null {
  const told = stored[measuredProperty]?.split(',') ?? []
  const own = table.columns.filter(({ name, statistics }) => {
    return statistics && !table.partitionedBy.includes(name) && !told.includes(name)
  })
  if (own.length === 0) return null
  return { ...stored, [measuredProperty]: [...told, ...own.map(({ name }) => name)].join(',') }
}

function field({ name, type, description }: Column): Field {
  return { ...nullable(name, deltaTypes[type]), metadata: { comment: description } }
}

function nullable(name: string, type: unknown): Field {
  return { name, type, nullable: true, metadata: {} }
}

function list(elementType: unknown) {
  return { type: 'array', elementType, containsNull: true }
}

function textOf(type: unknown): string {
  return typeof type === 'string' ? type : JSON.stringify(type)
}

function parseFields(text: string): Field[] | null {
  const schema: { type?: unknown; fields?: Field[] } = JSON.parse(text)
  return schema.type === 'struct' && Array.isArray(schema.fields) ? schema.fields : null
}
