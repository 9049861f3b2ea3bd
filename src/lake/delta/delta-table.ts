/**
 * One Delta table, for a process that writes it: the newest state it knows, and commits on top.
 *
 * Guarantee: a commit that resolved as `committed` is durable and visible whole; one that resolved
 * as a conflict changed nothing. One that rejected may or may not have landed: `refresh` tells.
 * Calls may overlap; they take turns. Any number of processes may write the same table.
 */
import type { Clock } from '../../core/clock.ts'
import { InletError } from '../../core/errors.ts'
import type { Random } from '../../core/random.ts'
import type { Table } from '../../tables/table.ts'
import type { Action, LogLine, PartitionValues } from './actions.ts'
import type { Change, CommitResult, NewFile } from './commit.ts'
import { changeActions, commitInfo, findConflict } from './commit.ts'
import { commitKey } from './log-names.ts'
import { partitionFolder, storedValues } from './partition-values.ts'
import type { LogDeps } from './read-log.ts'
import { encodeCommit, openLog, readCommits, refreshLog } from './read-log.ts'
import { evolvedProperties, evolvedSchema, schemaString } from './schema.ts'
import type { CommitRecord, DataFile, TableState } from './table-state.ts'
import { applyLines, emptyState } from './table-state.ts'

export interface TableDeps extends LogDeps {
  readonly clock: Clock
  readonly random: Random
}

/** A finished Parquet file on the local file system. */
export interface WrittenFile {
  readonly localPath: string
  readonly partitionValues: PartitionValues
  readonly rows: number
  readonly size: number
  readonly stats: string | null
}

export interface Snapshot {
  readonly version: number
  readonly files: readonly DataFile[]
  readonly txns: ReadonlyMap<string, number>
  /** The latest commits, newest last. */
  readonly commits: readonly CommitRecord[]
}

/**
 * Another writer's commits may be cleaned away after a day; long before, the log is looked at anew.
 */
const trustedMs = 10 * 60_000
const maxAttempts = 100

/** The key of a table in the lake: `bronze.arrivals` lies under `bronze/arrivals`. */
export const tableKey = (table: Table): string => table.name.replaceAll('.', '/')

/**
 * Opens the table and makes its stored schema hold the definition; creates it where it is missing.
 */
export async function openDeltaTable(deps: TableDeps, definition: Table): Promise<DeltaTable> {
  const key = tableKey(definition)
  const found = await openLog(deps, key)
  if (found) return opened(deps, definition, found)
  const created = await createTable(deps, definition)
  const state = created ?? (await openLog(deps, key))
  if (!state) throw new InletError('INL_LAK_CONTENTION', { table: key, attempts: 1 })
  return opened(deps, definition, state)
}

/** Opens the table as it is, to read it; null where it is missing. */
export async function findDeltaTable(
  deps: TableDeps,
  definition: Table,
): Promise<DeltaTable | null> {
  const state = await openLog(deps, tableKey(definition))
  return state && new DeltaTable(deps, definition, state)
}

async function opened(deps: TableDeps, definition: Table, state: TableState) {
  const table = new DeltaTable(deps, definition, state)
  await table.evolve()
  return table
}

/** Null where another process was quicker. */
async function createTable(deps: TableDeps, definition: Table): Promise<TableState | null> {
  const now = deps.clock.now()
  const actions: Action[] = [
    commitInfo('CREATE TABLE', {}, { now, random: deps.random }),
    { protocol: { minReaderVersion: 1, minWriterVersion: 2 } },
    {
      metaData: {
        id: deps.random.uuid(),
        name: definition.name,
        description: definition.description,
        format: { provider: 'parquet', options: {} },
        schemaString: schemaString(definition),
        partitionColumns: definition.partitionedBy,
        configuration: evolvedProperties(definition, {}) ?? {},
        createdTime: now,
      },
    },
  ]
  const won = await deps.store.putIfAbsent(
    commitKey(tableKey(definition), 0),
    encodeCommit(actions),
  )
  return won ? applyLines(emptyState(), 0, actions) : null
}

export class DeltaTable {
  readonly definition: Table
  readonly key: string
  readonly #deps: TableDeps
  #state: TableState
  #seenAt: number
  #turn: Promise<unknown> = Promise.resolve()

  constructor(deps: TableDeps, definition: Table, state: TableState) {
    this.definition = definition
    this.key = tableKey(definition)
    this.#deps = deps
    this.#state = state
    this.#seenAt = deps.clock.now()
    this.#check()
  }

  get version(): number {
    return this.#state.version
  }

  /** The newest known state, which changes as commits are read: to look at, never to keep. */
  get state(): TableState {
    return this.#state
  }

  /** How far an application has come; null where the table has never heard of it. */
  txn(appId: string): number | null {
    return this.#state.txns.get(appId) ?? null
  }

  /** The table as this process knows it, for as long as the caller needs it. */
  snapshot(): Snapshot {
    const { version, files, txns, commits } = this.#state
    return { version, files: [...files.values()], txns: new Map(txns), commits }
  }

  /** What the commits `from` to `to` say; null where one of them was cleaned away. */
  commits(from: number, to: number): Promise<LogLine[][] | null> {
    return readCommits(this.#deps.store, this.key, { from, to })
  }

  /** Reads what others committed. */
  refresh(): Promise<Snapshot> {
    return this.#inTurn(async () => {
      await this.#refresh()
      return this.snapshot()
    })
  }

  /**
   * Puts finished files where a commit can name them, all or none. Unless a commit names them,
   * vacuum removes them.
   */
  async publish(files: readonly WrittenFile[]): Promise<NewFile[]> {
    const results = await Promise.allSettled(files.map((file) => this.#publish(file)))
    const published = results.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
    const failed = results.find((one) => one.status === 'rejected')
    if (failed === undefined) return published
    for (const { key } of published) {
      await this.#deps.store.remove(`${this.key}/${key}`).catch(() => undefined)
    }
    throw failed.reason
  }

  /** Lands the change on the newest version, unless what it relies on has changed. */
  commit(change: Change): Promise<CommitResult> {
    return this.#inTurn(() => this.#commit(change))
  }

  /** Lets go of the files that were removed until `time`, which nobody may still read. */
  forgetRemoved(time: number): void {
    const { tombstones } = this.#state
    for (const [key, { deletionTimestamp }] of tombstones)
      if (deletionTimestamp <= time) tombstones.delete(key)
  }

  /** Adds the columns that the stored schema lacks. */
  evolve(): Promise<void> {
    return this.#inTurn(() => this.#evolve())
  }

  async #publish(file: WrittenFile): Promise<NewFile> {
    const { size, stats } = file
    const partitionValues = storedValues(file.partitionValues)
    const folder = partitionFolder(this.definition.partitionedBy, partitionValues)
    const name = `${this.#deps.random.uuid()}.parquet`
    const key = folder === '' ? name : `${folder}/${name}`
    await this.#deps.store.publish(file.localPath, `${this.key}/${key}`)
    return { key, partitionValues, size, stats }
  }

  async #commit(change: Change): Promise<CommitResult> {
    const { clock, random } = this.#deps
    if (Math.abs(clock.now() - this.#seenAt) > trustedMs) await this.#refresh()
    for (let attempt = 0; attempt < maxAttempts; attempt++) {
      const conflict = findConflict(change, this.#state)
      if (conflict) return { kind: 'conflict', conflict, version: this.version }
      const actions = changeActions(change, { now: clock.now(), random })
      if (await this.#tryCommit(actions)) return { kind: 'committed', version: this.version }
      await this.#refresh()
    }
    throw new InletError('INL_LAK_CONTENTION', { table: this.key, attempts: maxAttempts })
  }

  async #tryCommit(actions: readonly Action[]): Promise<boolean> {
    const version = this.#state.version + 1
    const bytes = encodeCommit(actions)
    const won = await this.#deps.store.putIfAbsent(commitKey(this.key, version), bytes)
    if (won) applyLines(this.#state, version, actions)
    this.#seenAt = this.#deps.clock.now()
    return won
  }

  async #evolve(): Promise<void> {
    for (let attempt = 0; attempt < maxAttempts; attempt++) {
      const { metaData } = this.#state
      if (!metaData) return
      const schema = evolvedSchema(this.definition, metaData)
      const properties = evolvedProperties(this.definition, metaData.configuration)
      if (schema === null && properties === null) return
      const at = { now: this.#deps.clock.now(), random: this.#deps.random }
      const schemaString = schema ?? metaData.schemaString
      const configuration = properties ?? metaData.configuration
      const actions = [
        commitInfo(schema === null ? 'SET TBLPROPERTIES' : 'ADD COLUMNS', {}, at),
        { metaData: { ...metaData, schemaString, configuration } },
      ]
      if (await this.#tryCommit(actions)) return
      await this.#refresh()
    }
    throw new InletError('INL_LAK_CONTENTION', { table: this.key, attempts: maxAttempts })
  }

  async #refresh(): Promise<void> {
    if (!(await refreshLog(this.#deps, this.key, this.#state))) {
      const state = await openLog(this.#deps, this.key)
      if (state) this.#state = state
    }
    this.#seenAt = this.#deps.clock.now()
    this.#check()
  }

  /** Another engine may have asked for what this one does not speak, or changed a type. */
  #check(): void {
    const { protocol, metaData } = this.#state
    const { minReaderVersion: reader = 0, minWriterVersion: writer = 0 } = protocol ?? {}
    if (reader !== 1 || writer < 1 || writer > 2)
      throw new InletError('INL_LAK_PROTOCOL', { table: this.key, reader, writer })
    if (metaData) evolvedSchema(this.definition, metaData)
  }

  #inTurn<T>(task: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(task)
    this.#turn = result.catch(() => undefined)
    return result
  }
}
