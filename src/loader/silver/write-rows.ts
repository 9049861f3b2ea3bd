/**
 * The rows of one table as files, one for each of its partitions that has any.
 *
 * Limit: a slice of hostile times can touch 402 dates; nothing lies outside those (./slice.ts).
 */
import type { PartitionValues } from '../../lake/delta/actions.ts'
import type { WrittenFile } from '../../lake/delta/delta-table.ts'
import { type ParquetWriterDeps, writeParquet } from '../../lake/sql/parquet-writer.ts'
import { identifier, literal } from '../../lake/sql/quote.ts'
import { rowsOfSize } from '../../lake/sql/row-groups.ts'
import type { Table } from '../../tables/table.ts'
import { inStep } from './failure.ts'

export interface RowsJob {
  readonly table: Table
  /** Gives every column of the table, by name; run once for each partition. */
  readonly select: string
  /** A folder on the file system of the store. */
  readonly folder: string
}

/**
 * Calls `use` with the files, on the local disk, to be published. What is not published is gone
 * afterwards: a lake that takes nothing must not fill the disk.
 */
export async function withRows<T>(
  deps: ParquetWriterDeps,
  job: RowsJob,
  use: (files: readonly WrittenFile[]) => Promise<T>,
): Promise<T> {
  const { table, folder } = job
  const written: WrittenFile[] = []
  try {
    const parts = await inStep(table.name, () => partitions(deps, job))
    for (const { partitionValues, largest } of parts) {
      const select = partitionSelect(job, partitionValues)
      const part = { table, select, partitionValues, rowsPerGroup: rowsOfSize(largest), folder }
      written.push(await inStep(table.name, () => writeParquet(deps, part)))
    }
    return await use(written)
  } finally {
    for (const { localPath } of written) {
      if ((await deps.files.stat(localPath)) !== null) await deps.files.remove(localPath)
    }
  }
}

async function partitions({ engine }: ParquetWriterDeps, { table, select }: RowsJob) {
  const columns = table.partitionedBy.map(identifier)
  // A row group is bounded by its bytes. Only bodies are large.
  const hasBody = table.columns.some(({ name }) => name === 'body')
  const rows = await engine.rows(`
    SELECT ${columns.map((column) => `${column}::VARCHAR AS ${column}`).join(', ')},
      ${hasBody ? 'coalesce(max(strlen(body)), 0)' : '0'}::DOUBLE AS "largest row"
    FROM (${select}) GROUP BY ALL ORDER BY ALL`)
  return rows.map((row) => {
    const values = table.partitionedBy.map((name) => [name, textOrNull(row[name])] as const)
    return { partitionValues: Object.fromEntries(values), largest: Number(row['largest row']) }
  })
}

function partitionSelect({ table, select }: RowsJob, values: PartitionValues): string {
  const columns = table.columns
    .filter(({ name }) => !table.partitionedBy.includes(name))
    .map(({ name, type }) => `${identifier(name)}::${type} AS ${identifier(name)}`)
  const isIt = table.partitionedBy.map((name) => {
    const value = values[name] ?? null
    const wanted = value === null ? 'NULL' : literal(value)
    return `${identifier(name)}::VARCHAR IS NOT DISTINCT FROM ${wanted}`
  })
  return `SELECT ${columns.join(', ')} FROM (${select}) WHERE ${isIt.join(' AND ')}`
}

function textOrNull(value: unknown): string | null {
  return value === null || value === undefined ? null : String(value)
}
