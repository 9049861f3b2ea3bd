/**
 * What a transaction log adds up to: the table at one version, changed in place as commits are
 * read.
 */
import type {
  AddFile,
  CommitInfo,
  LogLine,
  MetaData,
  PartitionValues,
  Protocol,
  RemoveFile,
} from './actions.ts'
import { keyOfPath } from './partition-values.ts'

/** A live file of the table. */
export interface DataFile {
  /** Within the table. */
  readonly key: string
  readonly partitionValues: PartitionValues
  readonly size: number
  readonly modificationTime: number
  /** The text of a JSON object, or null. */
  readonly stats: string | null
  /** The version that added it, or that of the checkpoint which it was read from. */
  readonly version: number
}

export interface CommitRecord {
  readonly version: number
  readonly timestamp: number
  readonly operation: string
  readonly metrics: Readonly<Record<string, string>>
  /** Tells this commit from any other; null where its writer did not say. */
  readonly id: string | null
}

export interface TableState {
  /** -1 before the first commit. */
  version: number
  /** The newest version that brought rows, or that of the checkpoint it was read from. */
  rowsVersion: number
  protocol: Protocol | null
  metaData: MetaData | null
  readonly files: Map<string, DataFile>
  readonly tombstones: Map<string, RemoveFile>
  readonly txns: Map<string, number>
  /** The latest commits, newest last, at most `maxCommitRecords`. */
  commits: CommitRecord[]
}

const maxCommitRecords = 256

export function emptyState(): TableState {
  return {
    version: -1,
    rowsVersion: -1,
    protocol: null,
    metaData: null,
    files: new Map(),
    tombstones: new Map(),
    txns: new Map(),
    commits: [],
  }
}

/** Applies the commit `version`, or a checkpoint of it to an empty state. */
export function applyLines(
  state: TableState,
  version: number,
  lines: Iterable<LogLine>,
): TableState {
  for (const { add, remove, txn, metaData, protocol, commitInfo } of lines) {
    if (add) addFile(state, version, add)
    if (remove) removeFile(state, remove)
    if (txn) state.txns.set(txn.appId, txn.version)
    if (metaData) state.metaData = metaData
    if (protocol) state.protocol = protocol
    if (commitInfo) recordCommit(state, version, commitInfo)
  }
  state.version = version
  return state
}

function addFile(state: TableState, version: number, add: AddFile): void {
  const key = keyOfPath(add.path)
  const { partitionValues, size, modificationTime } = add
  const stats = add.stats ?? null
  state.files.set(key, { key, partitionValues, size, modificationTime, stats, version })
  state.tombstones.delete(key)
  if (add.dataChange) state.rowsVersion = version
}

function removeFile(state: TableState, remove: RemoveFile): void {
  const key = keyOfPath(remove.path)
  state.files.delete(key)
  state.tombstones.set(key, remove)
}

function recordCommit(state: TableState, version: number, info: CommitInfo): void {
  const { timestamp, operation, operationMetrics: metrics = {} } = info
  const record = { version, timestamp, operation, metrics, id: info.txnId ?? null }
  state.commits = [...state.commits, record].slice(-maxCommitRecords)
}
