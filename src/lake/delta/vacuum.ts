/**
 * Vacuum: files of a table that no reader and no writer can still need.
 *
 * A removed file is kept two days, for readers of older versions. A file that no commit names is
 * kept a day: its commit may be on its way. Objects of other engines (`_` or `.` in front) are left
 * alone.
 */
import type { StoredObject } from '../store/object-store.ts'
import { removedFileRetentionMs } from './checkpoint.ts'
import type { TableState } from './table-state.ts'

export const unreferencedFileRetentionMs = 86_400_000

/** `objects` were listed before `state` was read, their keys being relative to the table. */
export function planVacuum(
  objects: readonly StoredObject[],
  state: Pick<TableState, 'files' | 'tombstones'>,
  now: number,
): string[] {
  const isDue = ({ key, modifiedAt }: StoredObject): boolean => {
    if (state.files.has(key) || !isDataFile(key)) return false
    const removed = state.tombstones.get(key)
    if (removed) return removed.deletionTimestamp <= now - removedFileRetentionMs
    return modifiedAt <= now - unreferencedFileRetentionMs
  }
  return objects.filter(isDue).map(({ key }) => key)
}

function isDataFile(key: string): boolean {
  return key.endsWith('.parquet') && !key.split('/').some((part) => /^[._]/.test(part))
}
