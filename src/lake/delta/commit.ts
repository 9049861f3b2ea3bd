/**
 * What a commit asks of the table it lands on, and the actions it becomes.
 *
 * A change is planned on one version and may land on a later one. It still holds there if what it
 * relies on still stands, which is read from the state, whoever changed it and in however many
 * steps.
 */
import type { Random } from '../../core/random.ts'
import type { Action, PartitionValues } from './actions.ts'
import { pathOfKey } from './partition-values.ts'
import type { DataFile, TableState } from './table-state.ts'

/** A published file that no commit names yet. */
export interface NewFile {
  /** Within the table. */
  readonly key: string
  readonly partitionValues: PartitionValues
  readonly size: number
  readonly stats: string | null
}

/** How far an application has come, and where it must stand for the change to hold. */
export interface TxnStep {
  readonly appId: string
  /** Null: the table has never heard of it. */
  readonly from: number | null
  readonly to: number
}

export interface Change {
  /** A word for the history, such as `WRITE`. */
  readonly operation: string
  readonly adds?: readonly NewFile[]
  readonly removes?: readonly DataFile[]
  readonly txns?: readonly TxnStep[]
  /** False where the rows of `adds` are those of `removes`. */
  readonly dataChange?: boolean
  /** For decisions that hang on the rows: they hold only while no rows came after this version. */
  readonly rowsAsOf?: number
  /** Figures for the history of the table. */
  readonly metrics?: Readonly<Record<string, string | number>>
}

/** `txn`: an application stands elsewhere. `rows`: rows came. `files`: a file to remove is gone. */
export type Conflict = 'txn' | 'rows' | 'files'

export type CommitResult =
  | { readonly kind: 'committed'; readonly version: number }
  | { readonly kind: 'conflict'; readonly conflict: Conflict; readonly version: number }

/** Null where the change holds on the state as it is. */
export function findConflict(change: Change, state: TableState): Conflict | null {
  const { txns = [], removes = [], rowsAsOf } = change
  if (txns.some(({ appId, from }) => (state.txns.get(appId) ?? null) !== from)) return 'txn'
  if (removes.some(({ key }) => !state.files.has(key))) return 'files'
  if (rowsAsOf !== undefined && state.rowsVersion > rowsAsOf) return 'rows'
  return null
}

export function changeActions(change: Change, at: { now: number; random: Random }): Action[] {
  const { operation, adds = [], removes = [], txns = [], dataChange = true } = change
  return [
    commitInfo(operation, change.metrics ?? {}, at),
    ...txns.map(({ appId, to }) => ({ txn: { appId, version: to, lastUpdated: at.now } })),
    ...removes.map((file) => removeAction(file, dataChange, at.now)),
    ...adds.map((file) => addAction(file, dataChange, at.now)),
  ]
}

export function commitInfo(
  operation: string,
  metrics: Readonly<Record<string, string | number>>,
  at: { now: number; random: Random },
): Action {
  const entries = Object.entries(metrics).map(([name, value]) => [name, String(value)])
  return {
    commitInfo: {
      timestamp: at.now,
      operation,
      operationParameters: {},
      operationMetrics: Object.fromEntries(entries),
      engineInfo: 'Inlet',
      txnId: at.random.uuid(),
    },
  }
}

function addAction(file: NewFile, dataChange: boolean, now: number): Action {
  const { key, partitionValues, size, stats } = file
  return {
    add: {
      path: pathOfKey(key),
      partitionValues,
      size,
      modificationTime: now,
      dataChange,
      ...(stats === null ? {} : { stats }),
    },
  }
}

function removeAction(file: DataFile, dataChange: boolean, now: number): Action {
  const { key, partitionValues, size } = file
  return {
    remove: {
      path: pathOfKey(key),
      deletionTimestamp: now,
      dataChange,
      extendedFileMetadata: true,
      partitionValues,
      size,
    },
  }
}
