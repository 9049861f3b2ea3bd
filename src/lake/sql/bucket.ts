/**
 * Buckets: a date of a table cut by conversation, so that a change to some rewrites few files.
 *
 * The number of a bucket follows from the id alone, in every version of DuckDB and on every
 * machine. Changing the number of buckets means rebuilding the tables that have them.
 */
export const BUCKETS = 8

/** The bucket of the text `column` as SQL, an INTEGER from 0; null for null. */
export function bucketSql(column: string): string {
  return `(('0x' || substr(md5(${column}), 1, 4))::INTEGER % ${BUCKETS})`
}
