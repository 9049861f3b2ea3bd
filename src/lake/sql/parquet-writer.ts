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
  /** Gives columns of the table, without those it is partitioned by. */
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
  const options = `${parquetOptions(job.rowsPerGroup ?? mostRows)}, RETURN_STATS`
  const [found = {}] = await deps.engine.rows(
    `COPY (${job.select}) TO ${literal(localPath)} (${options})`,
  )
  return writtenFile(found, job)
}

/** Of a row that COPY gives with RETURN_STATS. */
export function writtenFile(
  found: SqlRow,
  { table, partitionValues }: Pick<ParquetJob, 'table' | 'partitionValues'>,
): WrittenFile {
  const rows = Number(found['count'])
  return {
    localPath: String(found['filename']),
    partitionValues,
    rows,
    size: Number(found['file_size_bytes']),
    stats: statsText(
      rows,
      measuredColumns(table).map((column) => boundsOf(column, found)),
    ),
  }
}

function measuredColumns({ columns, partitionedBy }: Table): Column[] {
  return columns.filter(({ name, statistics }) => statistics && !partitionedBy.includes(name))
}

/**
 * Where all of a row group is null DuckDB tells no bounds of the file. A column that the file lacks
 * is null in every row.
 */
function boundsOf({ name, type }: Column, found: SqlRow): ColumnBounds {
  const told = entryOf(found['column_statistics'], identifier(name))
  const bound = (key: string) => statistic(entryOf(told, key), type)
  const nulls = told == null ? Number(found['count']) : Number(entryOf(told, 'null_count') ?? 0)
  return { name, type, min: bound('min'), max: bound('max'), nulls }
}

/** What a MAP of DuckDB has for a key. */
export function entryOf(map: unknown, key: string): unknown {
  return Array.isArray(map) ? map.find((entry: { key: unknown }) => entry.key === key)?.value : null
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

/** Of a bound as DuckDB writes it; null where JSON could not hold it exactly. */
function statistic(value: unknown, type: ColumnType): string | number | null {
  if (typeof value !== 'string') return null
  if (type === 'VARCHAR' || type === 'DATE') return value
  const number = type === 'TIMESTAMPTZ' ? milliseconds(value) : Number(value)
  const isExact = type === 'BIGINT' ? Number.isSafeInteger(number) : Number.isFinite(number)
  return isExact ? number : null
}

/** Of `2026-01-02 03:04:05.678901+00`. */
function milliseconds(text: string): number {
  const [, day, clock, micros = ''] = /^(\S+) ([\d:]+)(?:\.(\d+))?\+00$/.exec(text) ?? []
  return Date.parse(`${day}T${clock}Z`) + Number(micros.padEnd(6, '0')) / 1000
}
