/**
 * What keeps a table fast and small: checkpoints, compaction, log clean-up, vacuum.
 *
 * Each task is safe beside writers, readers and the same task in another process: a checkpoint is
 * of a version that is already there, a compaction commits only while the files it read are live,
 * and what is removed is what nobody can need any more. A crash leaves unreferenced files for
 * vacuum.
 */
import { join } from 'node:path'
import type { Clock } from '../core/clock.ts'
import type { Files } from '../core/files.ts'
import type { Random } from '../core/random.ts'
import { checkpointActions, removedFileRetentionMs, writeCheckpoint } from './delta/checkpoint.ts'
import { cleanLog } from './delta/clean-log.ts'
import type { CompactionLimits } from './delta/compaction.ts'
import { compactionLimits, planCompaction } from './delta/compaction.ts'
import type { DeltaTable, WrittenFile } from './delta/delta-table.ts'
import { lastCheckpointVersion } from './delta/read-log.ts'
import type { DataFile } from './delta/table-state.ts'
import { planVacuum, unreferencedFileRetentionMs } from './delta/vacuum.ts'
import type { SqlRunner } from './sql/duckdb.ts'
import { rowSizes, writeParquet } from './sql/parquet-writer.ts'
import { hugeGroupBytes, rowsOfSize } from './sql/row-groups.ts'
import { filesSelect } from './sql/table-view.ts'
import type { ObjectStore } from './store/object-store.ts'
import { type Removal, removeAll } from './store/remove-all.ts'
import { withLeases } from './store/with-leases.ts'

export interface UpkeepDeps {
  readonly store: ObjectStore
  readonly engine: SqlRunner
  readonly files: Files
  readonly clock: Clock
  readonly random: Random
}

export interface UpkeepOptions {
  /** A folder for files in the making, on the store's file system. */
  readonly scratch: string
}

export interface UpkeepReport {
  readonly table: string
  /** The version of the checkpoint written, or null. */
  readonly checkpoint: number | null
  readonly compactedFiles: number
  readonly compactedBytes: number
  readonly removedLogObjects: number
  readonly removedFiles: number
  /** Objects that were due and stay, because a lock or a policy of the store holds them. */
  readonly refusedRemovals: number
}

const commitsPerCheckpoint = 100
const cleanEveryMs = 3_600_000
const vacuumEveryMs = 6 * 3_600_000

export class Upkeep {
  readonly #deps: UpkeepDeps
  readonly #options: UpkeepOptions
  readonly #doneAt = new Map<string, number>()
  #refusedRemovals = 0

  constructor(deps: UpkeepDeps, options: UpkeepOptions) {
    this.#deps = deps
    this.#options = options
  }

  /**
   * Does what is due. Stops between two steps once `signal` aborts. A step that fails keeps no
   * other from being done; the first failure is what it then rejects with.
   */
  async run(table: DeltaTable, signal?: AbortSignal): Promise<UpkeepReport> {
    const { attempt, rethrow } = attempts()
    this.#refusedRemovals = 0
    const compacted = await attempt(() => this.compact(table, { signal }), nothingCompacted)
    const checkpoint = await attempt(
      async () => ((await this.#checkpointIsDue(table)) ? await this.checkpoint(table) : null),
      null,
    )
    const cleaning = !signal?.aborted && this.#isDue(`clean ${table.key}`, cleanEveryMs)
    const removedLogObjects = cleaning ? await attempt(() => this.cleanLog(table), 0) : 0
    const vacuuming = !signal?.aborted && this.#isDue(`vacuum ${table.key}`, vacuumEveryMs)
    const removedFiles = vacuuming ? await attempt(() => this.vacuum(table), 0) : 0
    rethrow()
    const refusedRemovals = this.#refusedRemovals
    return {
      table: table.key,
      checkpoint,
      ...compacted,
      removedLogObjects,
      removedFiles,
      refusedRemovals,
    }
  }

  /** Resolves to the version that the checkpoint holds. */
  async checkpoint(table: DeltaTable): Promise<number> {
    const { version } = table.state
    const actions = checkpointActions(table.state, this.#deps.clock.now())
    const at = { table: table.key, version, scratch: this.#options.scratch }
    await writeCheckpoint(this.#deps, at, actions)
    return version
  }

  async compact(
    table: DeltaTable,
    how: {
      signal?: AbortSignal | undefined
      limits?: CompactionLimits
      onFiles?: (done: number) => void
    } = {},
  ): Promise<{ compactedFiles: number; compactedBytes: number }> {
    const { signal, limits = compactionLimits } = how
    const { attempt, rethrow } = attempts()
    let compactedFiles = 0
    let compactedBytes = 0
    const plan = planCompaction(table.state.files.values(), this.#deps.clock.now(), limits)
    for (const group of plan) {
      if (signal?.aborted) break
      if (!(await attempt(() => this.#compactGroup(table, group), false))) continue
      compactedFiles += group.length
      how.onFiles?.(compactedFiles)
      compactedBytes += group.reduce((sum, { size }) => sum + size, 0)
    }
    rethrow()
    return { compactedFiles, compactedBytes }
  }

  /** Resolves to the number of objects removed. */
  async cleanLog(table: DeltaTable): Promise<number> {
    return this.#counted(await cleanLog(this.#deps.store, table.key, this.#deps.clock.now()))
  }

  /** Resolves to the number of files removed, scratch and uploads that broke off included. */
  async vacuum(
    table: DeltaTable,
    onProgress?: (done: number, of: number) => void,
  ): Promise<number> {
    const { store, clock } = this.#deps
    const prefix = `${table.key}/`
    const objects = await store.list(prefix)
    await table.refresh()
    const inTable = objects.map((object) => ({ ...object, key: object.key.slice(prefix.length) }))
    const keys = planVacuum(inTable, table.state, clock.now())
    const removal = await removeAll(
      store,
      keys.map((key) => prefix + key),
      onProgress,
    )
    table.forgetRemoved(clock.now() - removedFileRetentionMs)
    const unfinished = await store.removeUnfinished(
      prefix,
      clock.now() - unreferencedFileRetentionMs,
    )
    return this.#counted(removal) + unfinished + (await this.#clearScratch())
  }

  #counted({ removed, refused }: Removal): number {
    this.#refusedRemovals += refused
    return removed
  }

  /** False where a file of the group was gone when the result was to be committed. */
  async #compactGroup(table: DeltaTable, group: readonly DataFile[]): Promise<boolean> {
    const { store } = this.#deps
    const written = await withLeases(store, async ({ localPath }) => {
      const paths = await Promise.all(group.map(({ key }) => localPath(`${table.key}/${key}`)))
      return this.#merge(table, group, paths)
    })
    const adds = await table.publish([written])
    const result = await table.commit({
      operation: 'OPTIMIZE',
      adds,
      removes: group,
      dataChange: false,
      metrics: { numRemovedFiles: group.length, numAddedFiles: adds.length },
    })
    if (result.kind === 'committed') return true
    const keys = adds.map(({ key }) => `${table.key}/${key}`)
    this.#counted(await removeAll(store, keys))
    return false
  }

  async #merge(
    table: DeltaTable,
    group: readonly DataFile[],
    paths: readonly string[],
  ): Promise<WrittenFile> {
    const { engine } = this.#deps
    const sizes = await rowSizes(engine, paths)
    const write = () =>
      writeParquet(this.#deps, {
        table: table.definition,
        select: filesSelect(paths),
        partitionValues: group[0]?.partitionValues ?? {},
        rowsPerGroup: rowsOfSize(sizes.row),
        folder: this.#options.scratch,
      })
    return sizes.group > hugeGroupBytes ? engine.withOneThread(write) : write()
  }

  async #checkpointIsDue(table: DeltaTable): Promise<boolean> {
    const last = await lastCheckpointVersion(this.#deps.store, table.key)
    return table.version - (last ?? 0) >= commitsPerCheckpoint
  }

  async #clearScratch(): Promise<number> {
    const { files, clock } = this.#deps
    const oldest = clock.now() - unreferencedFileRetentionMs
    let removed = 0
    for (const name of await files.list(this.#options.scratch)) {
      const path = join(this.#options.scratch, name)
      const stat = await files.stat(path)
      if (stat === null || stat.isFolder || stat.modifiedAt > oldest) continue
      await files.remove(path)
      removed++
    }
    return removed
  }

  #isDue(task: string, everyMs: number): boolean {
    const now = this.#deps.clock.now()
    const last = this.#doneAt.get(task)
    if (last !== undefined && Math.abs(now - last) < everyMs) return false
    this.#doneAt.set(task, now)
    return true
  }
}

const nothingCompacted = { compactedFiles: 0, compactedBytes: 0 }

/** Tasks of which each is done whatever became of the others. */
function attempts() {
  const failures: unknown[] = []
  return {
    async attempt<T>(task: () => Promise<T>, otherwise: T): Promise<T> {
      try {
        return await task()
      } catch (error) {
        failures.push(error)
        return otherwise
      }
    },
    rethrow() {
      if (failures.length > 0) throw failures[0]
    },
  }
}
