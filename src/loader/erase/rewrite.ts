/**
 * Writes the files of a table again without what is erased, and lets go of the old ones at once.
 *
 * A file is replaced in a commit of its own, which holds only while that file is live: a compaction
 * that was quicker has put the rows elsewhere, and the next look finds them there. Positions, event
 * ids and the order of rows stay. Readers of older versions lose them: that is what erasure means.
 */
import { hasCode, InletError } from '../../core/errors.ts'
import type { Files } from '../../core/files.ts'
import type { Random } from '../../core/random.ts'
import type { DeltaTable } from '../../lake/delta/delta-table.ts'
import { logFolder, parseLogKey } from '../../lake/delta/log-names.ts'
import { keyOfPath } from '../../lake/delta/partition-values.ts'
import type { DataFile } from '../../lake/delta/table-state.ts'
import type { SqlEngine } from '../../lake/sql/duckdb.ts'
import { rowSizes, writeParquet } from '../../lake/sql/parquet-writer.ts'
import { rowsOfSize } from '../../lake/sql/row-groups.ts'
import type { KeptObject, ObjectStore } from '../../lake/store/object-store.ts'
import { withLeases } from '../../lake/store/with-leases.ts'
import type { Upkeep } from '../../lake/upkeep.ts'

export interface RewriteDeps {
  readonly engine: SqlEngine
  readonly store: ObjectStore
  readonly files: Files
  readonly random: Random
  readonly upkeep: Upkeep
  /** A folder for files in the making, on the store's file system. */
  readonly scratch: string
  /** Told of each file before it is looked through. */
  readonly onFile?: () => void
}

export interface Rewritten {
  readonly files: number
  readonly kept: readonly KeptObject[]
}

export interface Change {
  /** Whether the file at the path has anything that is to go. */
  readonly concerns: (path: string) => Promise<boolean>
  /** SQL for its rows, partition columns left out; null where nothing is to change. */
  readonly select: (path: string) => Promise<string | null>
  /** One that bounds of ids in the log may tell; null for who is no id. */
  readonly id: string | null
}

/** `rewriteTable`, or `countTable`, which only looks. */
export type Rewrite = (deps: RewriteDeps, table: DeltaTable, change: Change) => Promise<Rewritten>

const MOST_ROUNDS = 10

export const rewriteTable: Rewrite = async (deps, table, change) => {
  let files = 0
  for (let round = 0; ; round++) {
    await table.refresh()
    let found = 0
    for (const file of table.snapshot().files) {
      deps.onFile?.()
      const outcome = await rewriteFile(deps, table, { file, change })
      if (outcome !== 'untouched') found++
      if (outcome === 'replaced') files++
    }
    if (found === 0) break
    if (round === MOST_ROUNDS)
      throw new InletError('INL_LAK_CONTENTION', { table: table.key, attempts: MOST_ROUNDS })
  }
  return { files, kept: await forget(deps, table, change) }
}

/** Changes nothing. */
export const countTable: Rewrite = async (deps, table, change) => {
  let files = 0
  for (const { key } of table.snapshot().files) {
    deps.onFile?.()
    if ((await reading(deps, `${table.key}/${key}`, change.select)) !== null) files++
  }
  return { files, kept: [] }
}

function reading<T>(
  { store }: Pick<RewriteDeps, 'store'>,
  key: string,
  task: (path: string) => Promise<T>,
): Promise<T> {
  return withLeases(store, async ({ localPath }) => task(await localPath(key)))
}

type Outcome = 'untouched' | 'replaced' | 'gone'

/** `gone` where the file was no more when the new one was to take its place. */
async function rewriteFile(
  deps: RewriteDeps,
  table: DeltaTable,
  { file, change }: { file: DataFile; change: Change },
): Promise<Outcome> {
  const written = await reading(deps, `${table.key}/${file.key}`, async (path) => {
    const select = await change.select(path)
    return select === null ? null : await writeAgain(deps, table, { file, path, select })
  })
  if (written === null) return 'untouched'
  const adds = written.rows === 0 ? [] : await table.publish([written])
  if (written.rows === 0) await deps.files.remove(written.localPath)
  const result = await table.commit({ operation: 'ERASE', adds, removes: [file] })
  if (result.kind === 'committed') return 'replaced'
  for (const { key } of adds) await deps.store.remove(`${table.key}/${key}`)
  return 'gone'
}

async function writeAgain(
  deps: RewriteDeps,
  table: DeltaTable,
  { file, path, select }: { file: DataFile; path: string; select: string },
) {
  const { row } = await rowSizes(deps.engine, [path])
  // One thread keeps the order of the rows, and large ones within bounds.
  return deps.engine.withOneThread(() =>
    writeParquet(deps, {
      table: table.definition,
      select,
      partitionValues: file.partitionValues,
      rowsPerGroup: rowsOfSize(row),
      folder: deps.scratch,
    }),
  )
}

/**
 * Bounds of an id go out of the log; its commits stay: a writer that has slept would else put one
 * of its own in the place of one that is gone. Then old files go, those that a compaction left and
 * those of an erasure that broke off as well, and whatever a bucket keeps of what is gone.
 */
async function forget(
  { store, upkeep }: RewriteDeps,
  table: DeltaTable,
  { concerns, id }: Change,
): Promise<KeptObject[]> {
  const there = new Set((await store.list(`${table.key}/`)).map(({ key }) => key))
  const old: string[] = []
  for (const removed of table.state.tombstones.values()) {
    const key = `${table.key}/${keyOfPath(removed.path)}`
    if (there.has(key) && (await reading({ store }, key, concerns))) old.push(key)
  }
  const logs = old.length === 0 ? [] : await cleanedLog({ store, upkeep }, table, id)
  const kept: KeptObject[] = []
  for (const key of [...logs, ...old]) {
    try {
      await store.remove(key)
    } catch (error) {
      if (!hasCode(error, 'INL_LAK_REMOVE_REFUSED')) throw error
      kept.push({ key, version: null, until: null, reason: String(error.details['reason']) })
    }
  }
  return [...kept, ...(await store.removeOldVersions(`${table.key}/`))]
}

/** The checkpoints that are to go, once there is a new one. */
async function cleanedLog(
  { store, upkeep }: Pick<RewriteDeps, 'store' | 'upkeep'>,
  table: DeltaTable,
  id: string | null,
): Promise<string[]> {
  const version = await upkeep.checkpoint(table)
  if (id === null) return []
  const old: string[] = []
  for (const { key } of await store.list(logFolder(table.key))) {
    const entry = parseLogKey(key)
    if (entry?.kind === 'commit') await forgetBounds(store, key, id)
    else if (entry !== null && entry.version < version) old.push(key)
  }
  return old
}

/** Readers do without the statistics of a file. */
async function forgetBounds(store: ObjectStore, key: string, id: string): Promise<void> {
  const text = (await store.get(key))?.toString('utf8') ?? ''
  if (!text.includes(id)) return
  const lines = text.split('\n').map((line) => {
    if (!line.includes(id)) return line
    const action: { add?: { stats?: unknown } } = JSON.parse(line)
    if (action.add !== undefined) delete action.add.stats
    return JSON.stringify(action)
  })
  await store.put(key, Buffer.from(lines.join('\n')))
}
