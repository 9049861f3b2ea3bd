/** How the definitions of tables say what a column is. */
import type { Column, ColumnType } from './table.ts'

export const column = (name: string, type: ColumnType, description: string): Column => ({
  name,
  type,
  description,
  personal: false,
  statistics: false,
})

/** An id, a time or a position: with statistics in every file. */
export const measured = (plain: Column): Column => ({ ...plain, statistics: true })

/** Can tell who a person is. */
export const personal = (plain: Column, ...fields: readonly string[]): Column => ({
  ...plain,
  personal: true,
  ...(fields.length > 0 && { fields }),
})
