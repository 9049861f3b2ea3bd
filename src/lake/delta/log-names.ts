/**
 * Keys of the transaction log, relative to the lake. `table` is the table's key, `bronze/arrivals`.
 */

export const logFolder = (table: string): string => `${table}/_delta_log/`
export const lastCheckpointKey = (table: string): string => `${logFolder(table)}_last_checkpoint`

export function commitKey(table: string, version: number): string {
  return `${logFolder(table)}${padded(version)}.json`
}

export function checkpointKey(table: string, version: number): string {
  return `${logFolder(table)}${padded(version)}.checkpoint.parquet`
}

export interface LogEntry {
  readonly kind: 'commit' | 'checkpoint'
  readonly version: number
}

/** What an object of the log is; null for anything else, such as a checksum of another engine. */
export function parseLogKey(key: string): LogEntry | null {
  const match = /\/_delta_log\/(\d{20})\.(json|checkpoint\.parquet)$/.exec(key)
  if (match === null) return null
  return { kind: match[2] === 'json' ? 'commit' : 'checkpoint', version: Number(match[1]) }
}

/** Every key of the log for `version` and above sorts after this. */
export function beforeVersion(table: string, version: number): string {
  return `${logFolder(table)}${padded(version)}`
}

const padded = (version: number): string => String(version).padStart(20, '0')
