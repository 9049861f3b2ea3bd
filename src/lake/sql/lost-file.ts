/**
 * A file that a version of a table names and that is missing or no Parquet: what DuckDB says of it
 * in words alone, as an error that names it. A query is told of a missing one that it may not look
 * for it, and of one that is no Parquet as if it had asked wrongly.
 */
import { InletError } from '../../core/errors.ts'

const isMissing = 'it is missing'
const isNoParquet = 'it is no Parquet file'
const said: readonly (readonly [RegExp, string])[] = [
  [/^IO Error: No files found that match the pattern "(.+\.parquet)"/, isMissing],
  [/^Permission Error: Cannot access file "(.+?\.parquet)\/\*\*/, isMissing],
  [/^Invalid Input Error: File '(.+)' too small to be a Parquet file/, isNoParquet],
  [/^Invalid Input Error: No magic bytes found at end of file '(.+)'/, isNoParquet],
]

/** INL_LAK_FILE for such a failure; any other error as it is. */
export function lostFileError(error: unknown): unknown {
  if (!(error instanceof Error)) return error
  for (const [pattern, reason] of said) {
    const path = pattern.exec(error.message)?.[1]
    if (path !== undefined) return new InletError('INL_LAK_FILE', { path, reason }, error)
  }
  return error
}
