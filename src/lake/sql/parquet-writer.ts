/** Writes the result of a SELECT to one Parquet file, with the statistics that a commit carries. */
import { join } from 'node:path'
import type { Files } from '../../core/files.ts'
import type { Random } from '../../core/random.ts'
import type { Column, ColumnType, Table } from '../../tables/table.ts'
import type { PartitionValues } from '../delta/actions.ts'
import type { WrittenFile } from '../delta/delta-table.ts'
import type { ColumnBounds } from '../delta/statistics.ts'
import { statsText } from '../delta/statistics.ts'
import type { SqlRow, SqlRunner } from './duckdb.ts'
import { identifier, literal, literals } from './quote.ts'
import { hugeGroupBytes, mostRows } from './row-groups.ts'

/** zstd at level 1 makes smaller files of JSON than DuckDB's default level, in half the time. */
export function parquetOptions(rowsPerGroup: number): string {
  return `FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1, ROW_GROUP_SIZE ${rowsPerGroup}`
}

export interface ParquetWriterDeps {
  readonly engine: SqlRunner
  readonly files: Files
  readonly random: Random
}

export interface ParquetJob {
  readonly table: Table
  /** Gives the columns of the table, without those it is partitioned by. */
  readonly select: string
  readonly partitionValues: PartitionValues
  /** Where rows may be large; see ./row-groups.ts. */
  readonly rowsPerGroup?: number
  /** A folder on the file system of the store. */
  readonly folder: string
}

/** The file on the local disk, ready to publish; not durable yet. */
export async function writeParquet(deps: ParquetWriterDeps, job: ParquetJob): Promise<WrittenFile> {
  const localPath = join(job.folder, `${deps.random.uuid()}.parquet`)
  const options = parquetOptions(job.rowsPerGroup ?? mostRows)
  await deps.engine.run(`COPY (${job.select}) TO ${literal(localPath)} (${options})`)
  const columns = measuredColumns(job.table)
  const [found = {}] = await deps.engine.rows(statisticsQuery(columns, [localPath]))
  const rows = Number(found['rows'] ?? 0)
  const stat = await deps.files.stat(localPath)
  return {
    localPath,
    partitionValues: job.partitionValues,
    rows,
    size: stat?.size ?? 0,
    stats: statsOf(columns, found),
  }
}

/** The statistics of each file, as a commit carries them, by its path. */
export async function readStatistics(
  engine: SqlRunner,
  table: Table,
  paths: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  if (paths.length === 0) return new Map()
  const columns = measuredColumns(table)
  const found = await engine.rows(statisticsQuery(columns, paths))
  return new Map(found.map((row) => [String(row['path']), statsOf(columns, row)]))
}

function measuredColumns({ columns, partitionedBy }: Table): Column[] {
  return columns.filter(({ name, statistics }) => statistics && !partitionedBy.includes(name))
}

function statsOf(columns: readonly Column[], found: SqlRow): string {
  const rows = Number(found['rows'] ?? 0)
  return statsText(
    rows,
    columns.map((column, index) => bounds(column, found, index)),
  )
}

export interface RowSizes {
  /** Bytes of a row, on average in the row group where they are the most. */
  readonly row: number
  /** Bytes of the largest row group. */
  readonly group: number
}

export async function rowSizes(engine: SqlRunner, paths: readonly string[]): Promise<RowSizes> {
  const [found = {}] = await engine.rows(`
    SELECT max(bytes / rows)::DOUBLE AS largest_row, max(bytes)::DOUBLE AS largest_group
    FROM (${rowGroups(paths)})`)
  return { row: Number(found['largest_row'] ?? 0), group: Number(found['largest_group'] ?? 0) }
}

/** Those that one thread alone must read. */
export async function hugeFiles(
  engine: SqlRunner,
  paths: readonly string[],
): Promise<ReadonlySet<string>> {
  if (paths.length === 0) return new Set()
  const found = await engine.rows(
    `SELECT DISTINCT file_name FROM (${rowGroups(paths)}) WHERE bytes > ${hugeGroupBytes}`,
  )
  return new Set(found.map((row) => String(row['file_name'])))
}

function rowGroups(paths: readonly string[]): string {
  return `SELECT file_name, sum(total_uncompressed_size) AS bytes,
      any_value(row_group_num_rows) AS rows
    FROM parquet_metadata(${literals(paths)}) GROUP BY file_name, row_group_id`
}

function statisticsQuery(columns: readonly Column[], paths: readonly string[]): string {
  const parts = columns.flatMap(({ name, type }, index) => {
    const value = comparable(identifier(name), type)
    return [
      `min(${value}) AS min${index}`,
      `max(${value}) AS max${index}`,
      `count(*) - count(${identifier(name)}) AS nulls${index}`,
    ]
  })
  return `SELECT ${['filename AS path', 'count(*) AS rows', ...parts].join(', ')}
    FROM read_parquet(${literals(paths)}, filename = true, hive_partitioning = false)
    GROUP BY filename`
}

function comparable(quoted: string, type: ColumnType): string {
  if (type === 'TIMESTAMPTZ') return `epoch_us(${quoted})`
  return type === 'DATE' ? `${quoted}::VARCHAR` : quoted
}

function bounds({ name, type }: Column, found: SqlRow, index: number): ColumnBounds {
  const nulls = Number(found[`nulls${index}`] ?? 0)
  const of = (bound: string) => statistic(found[`${bound}${index}`], type)
  return { name, type, min: of('min'), max: of('max'), nulls }
}

/** Null where JSON could not hold the bound exactly. */
function statistic(value: unknown, type: ColumnType): string | number | null {
  if (typeof value === 'string') return value
  if (typeof value === 'bigint') {
    const number = Number(value)
    if (!Number.isSafeInteger(number)) return null
    return type === 'TIMESTAMPTZ' ? number / 1000 : number
  }
  return typeof value === 'number' && Number.isFinite(value) ? value : null
}
