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

/** What was read for a table: `rows` is a quoted name, of which no other columns are `filled`. */
export interface ReadRows {
  readonly table: Table
  readonly rows: string
  readonly filled: ReadonlySet<string>
}

export interface MaskedRows {
  /** To be run before the statements, in order. */
  readonly prepare: readonly string[]
  /** Each gives the columns of its table, in order. */
  readonly statements: readonly (Pick<ReadRows, 'table' | 'filled'> & { readonly select: string })[]
}

/** `schema` is one where tables may be made: one for each way of masking, whatever the columns. */
export function maskedRows(
  read: readonly ReadRows[],
  { schema, masks }: { schema: string; masks: Masks },
): MaskedRows {
  const valuesOf = new Map<string, string[]>()
  const lookup = (mask: string) =>
    qualified(`${schema}.masked by ${[...valuesOf.keys()].indexOf(mask)}`)
  const statements = read.map(({ table, rows, filled }) => {
    const joins: string[] = []
    const columns = table.columns.map((column, index) => {
      const { name, type, personal, fields: [place = name] = [] } = column
      const own = `told.${identifier(name)}`
      if (!filled.has(name)) return `NULL::${type} AS ${identifier(name)}`
      if (!personal || isMaskedWhenRead(column)) return own
      const mask = masks.mask(place, 'value')
      const values = `SELECT ${identifier(name)} AS value FROM ${rows}`
      valuesOf.set(mask, [...(valuesOf.get(mask) ?? []), values])
      joins.push(`LEFT JOIN ${lookup(mask)} AS masked_${index} ON ${own} = masked_${index}.value`)
      return `masked_${index}.masked AS ${identifier(name)}`
    })
    const select = `SELECT ${columns.join(', ')} FROM ${rows} AS told ${joins.join(' ')}`
    return { table, select, filled }
  })
  const prepare = [...valuesOf].map(
    ([mask, values]) => `CREATE OR REPLACE TABLE ${lookup(mask)} AS
      SELECT value, ${mask}::VARCHAR AS masked
      FROM (SELECT DISTINCT value FROM (${values.join(' UNION ALL ')}) WHERE value IS NOT NULL)`,
  )
  return { prepare, statements }
}
