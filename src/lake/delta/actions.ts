/**
 * The actions of the Delta Lake transaction log, as its JSON has them (reader 1, writer 2).
 * Source: PROTOCOL.md of delta-io/delta, "Actions". Times are milliseconds since the epoch.
 */
export type Action =
  | { readonly protocol: Protocol }
  | { readonly metaData: MetaData }
  | { readonly add: AddFile }
  | { readonly remove: RemoveFile }
  | { readonly txn: Txn }
  | { readonly commitInfo: CommitInfo }

/** A line as it is read: an action, or a row of a checkpoint, where all but one are null. */
export interface LogLine {
  readonly protocol?: Protocol | null
  readonly metaData?: MetaData | null
  readonly add?: AddFile | null
  readonly remove?: RemoveFile | null
  readonly txn?: Txn | null
  readonly commitInfo?: CommitInfo | null
}

export interface Protocol {
  readonly minReaderVersion: number
  readonly minWriterVersion: number
}

export interface MetaData {
  readonly id: string
  readonly name: string
  readonly description: string
  readonly format: {
    readonly provider: 'parquet'
    readonly options: Readonly<Record<string, string>>
  }
  /** The schema as the text of a JSON object; see ./schema.ts. */
  readonly schemaString: string
  readonly partitionColumns: readonly string[]
  readonly configuration: Readonly<Record<string, string>>
  readonly createdTime: number
}

/** Null is the null of the column; the empty text means the same. */
export type PartitionValues = Readonly<Record<string, string | null>>

export interface AddFile {
  /** Relative to the table, percent-encoded once more than the key it has in the store. */
  readonly path: string
  readonly partitionValues: PartitionValues
  readonly size: number
  readonly modificationTime: number
  /** False where the rows only moved here from files that the same commit removes. */
  readonly dataChange: boolean
  /** The text of a JSON object; see ./statistics.ts. */
  readonly stats?: string | null
}

export interface RemoveFile {
  readonly path: string
  readonly deletionTimestamp: number
  readonly dataChange: boolean
  readonly extendedFileMetadata?: boolean
  readonly partitionValues?: PartitionValues
  readonly size?: number
}

/** How far an application has come: the last one for an `appId` counts. At most 2^53 - 1. */
export interface Txn {
  readonly appId: string
  readonly version: number
  readonly lastUpdated?: number
}

/** For people and tools; nothing is decided by it. */
export interface CommitInfo {
  readonly timestamp: number
  readonly operation: string
  readonly operationParameters: Readonly<Record<string, string>>
  readonly operationMetrics: Readonly<Record<string, string>>
  readonly engineInfo: string
  /** Tells this commit from any other; other engines need not say it. */
  readonly txnId?: string
}
