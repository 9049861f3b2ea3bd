/**
 * Rows of bronze by position, out of as few of its files as can hold them, and how many positions
 * may be read at once for their bytes.
 *
 * Files are told apart by the positions in their statistics, row groups by those in the Parquet
 * footer: bounds that may be too wide, never too narrow. Compaction may have moved rows anywhere.
 */
import type { DeltaTable } from '../../lake/delta/delta-table.ts'
import { type Span, spanOf } from '../../lake/delta/statistics.ts'
import type { DataFile } from '../../lake/delta/table-state.ts'
import type { SqlRunner } from '../../lake/sql/duckdb.ts'
import { literal, literals } from '../../lake/sql/quote.ts'
import { tableSelect } from '../../lake/sql/table-view.ts'
import type { LocalObjects } from '../../lake/store/with-leases.ts'
import { isEventFile, merged } from '../bronze-files.ts'
import { firstPositions, type PositionRange, positionsIn } from './standing.ts'

/** Of events, where they lie at the moment; to be used while their files are leased. */
export interface RowsInRanges {
  readonly ranges: readonly PositionRange[]
  /** Of all their columns, about. */
  readonly bytes: number
  /** A SELECT of all columns of the table. */
  readonly select: string
}

export interface RowsDeps {
  readonly store: LocalObjects
  readonly engine: SqlRunner
}

/** The events of bronze in `ranges`, or in the beginnings of those that hold `mostBytes`, about. */
export async function eventsInRanges(
  deps: RowsDeps,
  bronze: DeltaTable,
  wanted: { readonly ranges: readonly PositionRange[]; readonly mostBytes: number },
): Promise<RowsInRanges> {
  const files = bronze.snapshot().files.filter(isEventFile).filter(meets(wanted.ranges))
  const pathOf = ({ key }: DataFile) => deps.store.localPath(`${bronze.key}/${key}`)
  const held = await Promise.all(files.map(async (file) => ({ file, path: await pathOf(file) })))
  const groups = await rowGroups(
    deps.engine,
    held.map(({ path }) => path),
  )
  const ranges = firstBytes(wanted.ranges, groups, wanted.mostBytes)
  const selects = neighbours(ranges).map((near) => {
    const paths = held.filter(({ file }) => meets(near)(file)).map(({ path }) => path)
    return `SELECT * FROM (${tableSelect(bronze.definition, paths)}) WHERE ${inRanges(near)}`
  })
  return {
    ranges,
    bytes: bytesIn(groups, ranges),
    select: selects.join(' UNION ALL '),
  }
}

/** Keeps files that may hold a position of one of the ranges, whatever its partition. */
export function meets(ranges: readonly PositionRange[]): (file: DataFile) => boolean {
  return ({ stats }) => {
    const { from, until } = spanOf(stats, 'position')
    return ranges.some((range) => range.from <= until && from < range.to)
  }
}

/** The rows with a place in one of the ranges, as a condition on journal columns of a table. */
export function inRanges(ranges: readonly PositionRange[]): string {
  // Only what holds for every row alike lets DuckDB leave out row groups.
  const from = Math.min(...ranges.map((range) => range.from))
  const to = Math.max(...ranges.map((range) => range.to))
  const each = ranges.map(
    (range) =>
      `(journal_id = ${literal(range.journalId)} AND journal_partition = ${literal(range.partition)}
        AND position >= ${range.from} AND position < ${range.to})`,
  )
  return `position >= ${from} AND position < ${to} AND (${each.join(' OR ')})`
}

/** A row group of a Parquet file: the span of its positions, of whatever partitions. */
export interface RowGroup extends Span {
  readonly bytes: number
}

/** The beginnings of the ranges that hold at most so many bytes; of one position at least. */
export function firstBytes(
  ranges: readonly PositionRange[],
  groups: readonly RowGroup[],
  mostBytes: number,
): PositionRange[] {
  let fits = 1
  let tooMany = positionsIn(ranges) + 1
  while (tooMany - fits > 1) {
    const middle = Math.floor((fits + tooMany) / 2)
    if (bytesIn(groups, firstPositions(ranges, middle)) <= mostBytes) fits = middle
    else tooMany = middle
  }
  return firstPositions(ranges, fits)
}

function bytesIn(groups: readonly RowGroup[], ranges: readonly PositionRange[]): number {
  return groups.reduce((sum, group) => sum + group.bytes * shareOf(group, ranges), 0)
}

/** The part of a row group that lies in the ranges, if its rows lie evenly. */
function shareOf(group: RowGroup, ranges: readonly PositionRange[]): number {
  const width = group.until - group.from + 1
  let inside = 0
  for (const { from, to } of ranges) {
    inside += Math.max(0, Math.min(to - 1, group.until) - Math.max(from, group.from) + 1)
  }
  if (!Number.isFinite(width)) return inside > 0 ? 1 : 0
  return Math.min(1, inside / width)
}

/** Ranges whose positions overlap are read at once, those that lie apart each by themselves. */
function neighbours(ranges: readonly PositionRange[]): PositionRange[][] {
  const spans = merged(ranges.map(({ from, to }) => ({ from, until: to - 1 })))
  return spans.map((span) => ranges.filter(({ from }) => from >= span.from && from <= span.until))
}

async function rowGroups(engine: SqlRunner, paths: readonly string[]): Promise<RowGroup[]> {
  if (paths.length === 0) return []
  const position = "path_in_schema = 'position'"
  const rows = await engine.rows(`
    SELECT sum(total_uncompressed_size)::DOUBLE AS bytes,
      any_value(TRY_CAST(stats_min_value AS DOUBLE)) FILTER (${position}) AS "from",
      any_value(TRY_CAST(stats_max_value AS DOUBLE)) FILTER (${position}) AS until
    FROM parquet_metadata(${literals(paths)}) GROUP BY file_name, row_group_id`)
  return rows.map((row) => ({
    bytes: Number(row['bytes'] ?? 0),
    from: Number(row['from'] ?? Number.NEGATIVE_INFINITY),
    until: Number(row['until'] ?? Number.POSITIVE_INFINITY),
  }))
}
