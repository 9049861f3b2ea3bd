/**
 * The rows of one table as files, one for each of its partitions that has any.
 *
 * Limit: a slice of hostile times can touch 402 dates; nothing lies outside those (./slice.ts).
 */
import type { PartitionValues } from '../../lake/delta/actions.ts'
import type { WrittenFile } from '../../lake/delta/delta-table.ts'
import { type ParquetWriterDeps, writeParquet } from '../../lake/sql/parquet-writer.ts'
import { writePartitions } from '../../lake/sql/partitioned-writer.ts'
import { identifier, literal } from '../../lake/sql/quote.ts'
import { rowsOfSize } from '../../lake/sql/row-groups.ts'
import type { Column, Table } from '../../tables/table.ts'
import { inStep } from './failure.ts'

export interface RowsJob {
  readonly table: Table
  /** Gives every column of the table, by name. */
  readonly select: string
  /**
   * The columns that may have values; left out for all. The files lack any other, which their
   * readers take for null: a column costs the same whether it says anything or not.
   */
  readonly filled?: ReadonlySet<string>
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
  const written: WrittenFile[] = []
  try {
    written.push(...(await inStep(job.table.name, () => write(deps, job))))
    return await use(written)
  } finally {
    for (const { localPath } of written) {
      if ((await deps.files.stat(localPath)) !== null) await deps.files.remove(localPath)
    }
  }
}

/** A row group is bounded by its bytes. Only bodies are large. */
async function write(deps: ParquetWriterDeps, job: RowsJob): Promise<readonly WrittenFile[]> {
  const { table, folder } = job
  if (!table.columns.some(({ name }) => name === 'body'))
    return await writePartitions(deps, { table, select: typed(job, table.columns), folder })
  const written: WrittenFile[] = []
  for (const { partitionValues, largest } of await partitions(deps, job)) {
    const part = partitionSelect(job, partitionValues)
    const rowsPerGroup = rowsOfSize(largest)
    written.push(
      await writeParquet(deps, { table, select: part, partitionValues, rowsPerGroup, folder }),
    )
  }
  return written
}

async function partitions({ engine }: ParquetWriterDeps, { table, select }: RowsJob) {
  const columns = table.partitionedBy.map(identifier)
  const rows = await engine.rows(`
    SELECT ${columns.map((column) => `${column}::VARCHAR AS ${column}`).join(', ')},
      coalesce(max(strlen(body)), 0)::DOUBLE AS "largest row"
    FROM (${select}) GROUP BY ALL ORDER BY ALL`)
  return rows.map((row) => {
    const values = table.partitionedBy.map((name) => [name, textOrNull(row[name])] as const)
    return { partitionValues: Object.fromEntries(values), largest: Number(row['largest row']) }
  })
}

function partitionSelect(job: RowsJob, values: PartitionValues): string {
  const { table } = job
  const columns = table.columns.filter(({ name }) => !table.partitionedBy.includes(name))
  const isIt = table.partitionedBy.map((name) => {
    const value = values[name] ?? null
    const wanted = value === null ? 'NULL' : literal(value)
    return `${identifier(name)}::VARCHAR IS NOT DISTINCT FROM ${wanted}`
  })
  return `${typed(job, columns)} WHERE ${isIt.join(' AND ')}`
}

function typed({ select, filled }: RowsJob, columns: readonly Column[]): string {
  const all = columns
    .filter(({ name }) => filled?.has(name) ?? true)
    .map(({ name, type }) => `${identifier(name)}::${type} AS ${identifier(name)}`)
  return `SELECT ${all.join(', ')} FROM (${select})`
}

function textOrNull(value: unknown): string | null {
  return value === null || value === undefined ? null : String(value)
}
