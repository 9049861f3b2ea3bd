/**
 * How many rows go into one row group of a Parquet file. Pure.
 *
 * DuckDB holds a row group whole while it writes it, in three copies and more, and reads up to
 * 2,048 rows of one at once. So a group is bounded by the bytes of its bodies, not by rows alone:
 * 16,384 rows of 5 kB are more than the writer's engine may take.
 */

/** Of small rows: keeps what DuckDB holds of a group near 20 MB. */
export const mostRows = 16_384
const mostBytes = 32 * 2 ** 20

/** A group of more is a single large row. Read or written by two threads, it would not fit. */
export const hugeGroupBytes = 40 * 2 ** 20

/** The most neighbouring rows that never take more than `mostBytes` together; at least one. */
export function rowsPerGroup(sizes: readonly number[]): number {
  let rows = mostRows
  while (rows > 1 && largestRun(sizes, rows) > mostBytes) rows /= 2
  return rows
}

/** As `rowsPerGroup` for any number of rows, none of them larger than `size` on average. */
export function rowsOfSize(size: number): number {
  let rows = mostRows
  while (rows > 1 && rows * size > mostBytes) rows /= 2
  return rows
}

function largestRun(sizes: readonly number[], rows: number): number {
  let run = 0
  let largest = 0
  for (let index = 0; index < sizes.length; index++) {
    run += (sizes[index] ?? 0) - (index < rows ? 0 : (sizes[index - rows] ?? 0))
    if (run > largest) largest = run
  }
  return largest
}
