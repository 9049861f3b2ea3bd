/**
 * The SQL that reads a table as it stands at one version: exactly its files, with typed columns.
 */
import type { Table } from '../../tables/table.ts'
import { identifier, literal, literals } from './quote.ts'

/**
 * A SELECT over `paths`, in the order of the definition. Columns that older files lack are null,
 * and a table without files gives no rows. Partition columns come from the names of the folders.
 */
export function tableSelect(table: Table, paths: readonly string[]): string {
  const columns = table.columns.map(({ name }) => identifier(name)).join(', ')
  const typed = table.columns
    .map(({ name, type }) => `NULL::${type} AS ${identifier(name)}`)
    .join(', ')
  const empty = `SELECT ${typed} WHERE false`
  if (paths.length === 0) return empty
  return `SELECT ${columns} FROM (${empty} UNION ALL BY NAME FROM ${filesOf(table, paths)})`
}

/** A SELECT over all that the files hold: the columns of any of them, without partition columns. */
export function filesSelect(paths: readonly string[]): string {
  return `FROM read_parquet(${literals(paths)}, union_by_name = true, hive_partitioning = false)`
}

function filesOf(table: Table, paths: readonly string[]): string {
  const types = table.columns
    .filter(({ name }) => table.partitionedBy.includes(name))
    .map(({ name, type }) => `${literal(name)}: ${type}`)
  const hive =
    types.length === 0
      ? 'hive_partitioning = false'
      : `hive_partitioning = true, hive_types = {${types.join(', ')}}`
  return `read_parquet(${literals(paths)}, union_by_name = true, ${hive})`
}
