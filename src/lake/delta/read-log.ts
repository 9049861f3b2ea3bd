/**
 * Reads a transaction log: the newest checkpoint and the commits after it, then only what is new.
 *
 * Guarantee: a state is exactly one version of the table, or the read rejects with
 * INL_LAK_TABLE_DAMAGED. Reading beside writers and log clean-up is safe: clean-up removes nothing
 * at or above the newest checkpoint, and never the checkpoint that `_last_checkpoint` names.
 */
import { InletError } from '../../core/errors.ts'
import type { ObjectStore } from '../store/object-store.ts'
import { withLeases } from '../store/with-leases.ts'
import type { Action, LogLine } from './actions.ts'
import {
  beforeVersion,
  checkpointKey,
  commitKey,
  type LogEntry,
  lastCheckpointKey,
  logFolder,
  parseLogKey,
} from './log-names.ts'
import type { TableState } from './table-state.ts'
import { applyLines, emptyState } from './table-state.ts'

export interface LogDeps {
  readonly store: ObjectStore
  /** What the checkpoint file at a path of the local file system says. */
  readonly readCheckpoint: (localPath: string) => Promise<LogLine[]>
}

/** Null where there is no table. `table` is its key, such as `bronze/arrivals`. */
export async function openLog(deps: LogDeps, table: string): Promise<TableState | null> {
  const hinted = await lastCheckpointVersion(deps.store, table)
  const found = hinted === null ? null : await readFrom(deps, table, hinted)
  return found ?? readFrom(deps, table, 0)
}

/**
 * Brings `state` up to the newest version, in place. Resolves to false, the state then untouched by
 * the last step, where commits between were cleaned away and the log must be opened anew.
 *
 * The log is listed, not probed: what a listing names survives a loss of power, and what is read
 * here is acted upon.
 */
export async function refreshLog(
  deps: LogDeps,
  table: string,
  state: TableState,
): Promise<boolean> {
  for (const { kind, version } of await listLog(deps.store, table, state.version + 1)) {
    if (kind !== 'commit') continue
    const bytes = await deps.store.get(commitKey(table, version))
    if (version !== state.version + 1 || bytes === null) return false
    applyLines(state, version, parseCommit(table, version, bytes))
  }
  return true
}

/**
 * What the commits `from` to `to` say, one after the other; null where one of them is not there
 * any more.
 */
export async function readCommits(
  store: ObjectStore,
  table: string,
  { from, to }: { readonly from: number; readonly to: number },
): Promise<LogLine[][] | null> {
  const commits: LogLine[][] = []
  for (let version = from; version <= to; version++) {
    const bytes = await store.get(commitKey(table, version))
    if (bytes === null) return null
    commits.push(parseCommit(table, version, bytes))
  }
  return commits
}

export function encodeCommit(actions: readonly Action[]): Buffer {
  return Buffer.from(actions.map((action) => `${JSON.stringify(action)}\n`).join(''))
}

/** The version that `_last_checkpoint` names: a hint that may be old, or null. */
export async function lastCheckpointVersion(
  store: ObjectStore,
  table: string,
): Promise<number | null> {
  const bytes = await store.get(lastCheckpointKey(table))
  if (bytes === null) return null
  try {
    const { version }: { version?: unknown } = JSON.parse(bytes.toString())
    return typeof version === 'number' ? version : null
  } catch {
    return null
  }
}

/** Commits and checkpoints of `from` and above, by version. */
async function listLog(store: ObjectStore, table: string, from: number): Promise<LogEntry[]> {
  const objects = await store.list(logFolder(table), beforeVersion(table, from))
  return objects.map(({ key }) => parseLogKey(key)).filter((entry) => entry !== null)
}

async function readFrom(deps: LogDeps, table: string, from: number): Promise<TableState | null> {
  const entries = await listLog(deps.store, table, from)
  const checkpoints = entries.filter(({ kind }) => kind === 'checkpoint')
  const checkpoint = checkpoints.at(-1)?.version ?? -1
  if (from > 0 && checkpoint < 0) return null
  const state = emptyState()
  if (checkpoint >= 0) await loadCheckpoint(deps, table, { state, version: checkpoint })
  for (const { kind, version } of entries) {
    if (kind !== 'commit' || version <= checkpoint) continue
    if (version !== state.version + 1)
      throw damaged(table, commitKey(table, state.version + 1), 'it is missing')
    const bytes = await deps.store.get(commitKey(table, version))
    if (bytes === null) throw damaged(table, commitKey(table, version), 'it is gone')
    applyLines(state, version, parseCommit(table, version, bytes))
  }
  return state.version < 0 ? null : state
}

async function loadCheckpoint(
  deps: LogDeps,
  table: string,
  into: { state: TableState; version: number },
): Promise<void> {
  const { state, version } = into
  const key = checkpointKey(table, version)
  await withLeases(deps.store, async ({ localPath }) => {
    const path = await localPath(key)
    try {
      applyLines(state, version, await deps.readCheckpoint(path))
      state.rowsVersion = version
    } catch (error) {
      throw damaged(table, key, error)
    }
  })
}

/** Throws INL_LAK_TABLE_DAMAGED unless every line is a JSON object and there is at least one. */
function parseCommit(table: string, version: number, bytes: Buffer): LogLine[] {
  const key = commitKey(table, version)
  const lines = bytes
    .toString()
    .split('\n')
    .filter((line) => line !== '')
  if (lines.length === 0) throw damaged(table, key, 'it is empty')
  try {
    return lines.map((line): LogLine => JSON.parse(line))
  } catch (error) {
    throw damaged(table, key, error)
  }
}

function damaged(table: string, key: string, cause: unknown): InletError {
  const reason = cause instanceof Error ? cause.message : String(cause)
  return new InletError('INL_LAK_TABLE_DAMAGED', { table, key, reason }, cause)
}
