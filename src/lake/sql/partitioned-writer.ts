/**
 * Writes the result of a SELECT to Parquet, one file for each partition of the table that has rows,
 * in one pass: a statement for each partition would read all rows as often as there are partitions.
 *
 * Limit: rows are gathered in memory until their row group is full; for large rows
 * ./parquet-writer.ts writes one partition at a time.
 */
import type { Table } from '../../tables/table.ts'
import type { PartitionValues } from '../delta/actions.ts'
import type { WrittenFile } from '../delta/delta-table.ts'
import { entryOf, type ParquetWriterDeps, parquetOptions, writtenFile } from './parquet-writer.ts'
import { identifier, literal } from './quote.ts'
import { mostRows } from './row-groups.ts'

export interface PartitionsJob {
  readonly table: Table
  /** Gives columns of the table, those among them that it is partitioned by. */
  readonly select: string
  /** On the file system of the store. */
  readonly folder: string
}

/** The files on the local disk, ready to publish; not durable yet. A failure leaves none. */
export async function writePartitions(
  deps: ParquetWriterDeps,
  { table, select, folder }: PartitionsJob,
): Promise<WrittenFile[]> {
  const prefix = deps.random.uuid()
  try {
    const found = await deps.engine.rows(`
      COPY (${select}) TO ${literal(folder)} (${parquetOptions(mostRows)},
        PARTITION_BY (${table.partitionedBy.map(identifier).join(', ')}), HIVE_FILE_PATTERN false,
        FILENAME_PATTERN ${literal(`${prefix}_{uuid}`)}, OVERWRITE_OR_IGNORE, RETURN_STATS)`)
    return found.map((row) =>
      writtenFile(row, { table, partitionValues: valuesOf(table, row['partition_keys']) }),
    )
  } catch (error) {
    for (const name of await deps.files.list(folder))
      if (name.startsWith(prefix)) await deps.files.remove(`${folder}/${name}`)
    throw error
  }
}

function valuesOf({ partitionedBy }: Table, keys: unknown): PartitionValues {
  const values = partitionedBy.map((name) => {
    const value = entryOf(keys, name)
    return [name, value === null || value === undefined ? null : String(value)] as const
  })
  return Object.fromEntries(values)
}
