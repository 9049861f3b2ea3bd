/**
 * Masks the personal columns of rows that are read: each value that is there once.
 *
 * The events of a conversation repeat the numbers of its parties. A pseudonym costs more than all
 * else that is done with an event; looking it up costs next to nothing.
 */
import { identifier, qualified } from '../../lake/sql/quote.ts'
import type { Column, Table } from '../../tables/table.ts'
import type { Masks } from './masks.ts'

/** Masked where it is read, and not here: JSON, lists. */
export function isMaskedWhenRead({ type, fields = [] }: Column): boolean {
  return type !== 'VARCHAR' || fields.some((path) => path.endsWith('*'))
}

export interface MaskedRows {
  /** To be run before `select`, in order. */
  readonly prepare: readonly string[]
  /** Gives the columns of the table, in order. */
  readonly select: string
}

/** `rows` is a quoted name, `schema` one where tables may be made. */
export function maskedRows(
  table: Table,
  { rows, schema, masks }: { rows: string; schema: string; masks: Masks },
): MaskedRows {
  const prepare: string[] = []
  const joins: string[] = []
  const columns = table.columns.map((column, index) => {
    const own = `told.${identifier(column.name)}`
    if (!column.personal || isMaskedWhenRead(column)) return own
    const { name, fields: [place = name] = [] } = column
    const values = qualified(`${schema}.${table.name.replace('.', ' ')} ${name}`)
    prepare.push(`CREATE OR REPLACE TABLE ${values} AS
      SELECT value, ${masks.mask(place, 'value')}::VARCHAR AS masked
      FROM (SELECT DISTINCT ${identifier(name)} AS value FROM ${rows}) WHERE value IS NOT NULL`)
    joins.push(`LEFT JOIN ${values} AS masked_${index} ON ${own} = masked_${index}.value`)
    return `masked_${index}.masked AS ${identifier(name)}`
  })
  const select = `SELECT ${columns.join(', ')} FROM ${rows} AS told ${joins.join(' ')}`
  return { prepare, select }
}
