/**
 * Log clean-up: commits and checkpoints that nobody needs any more.
 *
 * Kept are a day of log, and before it the newest checkpoint, so that every version of that day can
 * still be read. Nothing goes at or above the checkpoint that `_last_checkpoint` names, by which a
 * writer that has slept finds out that it must open the log anew. Source: PROTOCOL.md, "Metadata
 * Cleanup".
 */
import type { ObjectStore, StoredObject } from '../store/object-store.ts'
import { type Removal, removeAll } from '../store/remove-all.ts'
import { logFolder, parseLogKey } from './log-names.ts'
import { lastCheckpointVersion } from './read-log.ts'

export const logRetentionMs = 86_400_000

/** The keys to remove, oldest first. */
export function planLogCleanup(
  log: readonly StoredObject[],
  limits: { now: number; lastCheckpoint: number | null },
): string[] {
  const cutoff = limits.now - logRetentionMs
  const entries = log.flatMap((object) => {
    const entry = parseLogKey(object.key)
    return entry ? [{ ...entry, ...object }] : []
  })
  const bound = entries
    .filter(({ kind, modifiedAt }) => kind === 'checkpoint' && modifiedAt <= cutoff)
    .filter(({ version }) => limits.lastCheckpoint !== null && version <= limits.lastCheckpoint)
    .reduce((newest, { version }) => Math.max(newest, version), -1)
  return entries.filter(({ version }) => version < bound).map(({ key }) => key)
}

export async function cleanLog(store: ObjectStore, table: string, now: number): Promise<Removal> {
  const log = await store.list(logFolder(table))
  const lastCheckpoint = await lastCheckpointVersion(store, table)
  const keys = planLogCleanup(log, { now, lastCheckpoint })
  return removeAll(store, keys)
}
