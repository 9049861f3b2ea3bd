/**
 * Writes the files of a table again without what is erased, and lets go of the old ones at once.
 *
 * A file is replaced in a commit of its own, which holds only while that file is live: a compaction
 * that was quicker has put the rows elsewhere, and the next look finds them there. Positions, event
 * ids and the order of rows stay. Readers of older versions lose them: that is what erasure means.
 */
import { InletError } from '../../core/errors.ts'
import type { Files } from '../../core/files.ts'
import type { Random } from '../../core/random.ts'
import type { DeltaTable } from '../../lake/delta/delta-table.ts'
import { logFolder, parseLogKey } from '../../lake/delta/log-names.ts'
import type { DataFile } from '../../lake/delta/table-state.ts'
import type { SqlEngine } from '../../lake/sql/duckdb.ts'
import { rowSizes, writeParquet } from '../../lake/sql/parquet-writer.ts'
import { rowsOfSize } from '../../lake/sql/row-groups.ts'
import type { ObjectStore } from '../../lake/store/object-store.ts'
import type { Upkeep } from '../../lake/upkeep.ts'

export interface RewriteDeps {
  readonly engine: SqlEngine
  readonly store: ObjectStore
  readonly files: Files
  readonly random: Random
  readonly upkeep: Upkeep
  /** A folder for files in the making, on the store's file system. */
  readonly scratch: string
}

/** An object that its store does not let go of, and why, with the date where the store tells. */
export interface KeptObject {
  readonly key: string
  readonly reason: string
}

export interface Rewritten {
  readonly files: number
  readonly kept: readonly KeptObject[]
}

/** SQL for the rows of a file, its partition columns left out; null where nothing is to change. */
export type Change = (path: string, file: DataFile) => Promise<string | null>

const MOST_ROUNDS = 10

/** `id` is one that bounds of ids in the log may tell; null for who is no id. */
export async function rewriteTable(
  deps: RewriteDeps,
  table: DeltaTable,
  { change, id }: { change: Change; id: string | null },
): Promise<Rewritten> {
  const old: string[] = []
  for (let round = 0; ; round++) {
    await table.refresh()
    let found = 0
    for (const file of table.snapshot().files) {
      const path = await deps.store.localPath(`${table.key}/${file.key}`)
      const select = await change(path, file)
      if (select === null) continue
      found++
      if (await replaceFile(deps, table, { file, path, select })) old.push(file.key)
    }
    if (found === 0) break
    if (round === MOST_ROUNDS)
      throw new InletError('INL_LAK_CONTENTION', { table: table.key, attempts: MOST_ROUNDS })
  }
  return { files: old.length, kept: await forget(deps, table, { old, id }) }
}

/** False where the file was gone when the new one was to take its place. */
async function replaceFile(
  deps: RewriteDeps,
  table: DeltaTable,
  { file, path, select }: { file: DataFile; path: string; select: string },
): Promise<boolean> {
  const { row } = await rowSizes(deps.engine, [path])
  // One thread keeps the order of the rows, and large ones within bounds.
  const written = await deps.engine.withOneThread(() =>
    writeParquet(deps, {
      table: table.definition,
      select,
      partitionValues: file.partitionValues,
      rowsPerGroup: rowsOfSize(row),
      folder: deps.scratch,
    }),
  )
  const adds = written.rows === 0 ? [] : await table.publish([written])
  if (written.rows === 0) await deps.files.remove(written.localPath)
  const result = await table.commit({ operation: 'ERASE', adds, removes: [file] })
  if (result.kind === 'committed') return true
  for (const { key } of adds) await deps.store.remove(`${table.key}/${key}`)
  return false
}

/**
 * Old files go; the bounds of an id that the log tells go out of it. Its commits stay: a writer
 * that has slept would else put one of its own in the place of one that is gone.
 */
async function forget(
  deps: RewriteDeps,
  table: DeltaTable,
  { old, id }: { old: readonly string[]; id: string | null },
): Promise<KeptObject[]> {
  if (old.length === 0) return []
  const version = await deps.upkeep.checkpoint(table)
  const keys = old.map((key) => `${table.key}/${key}`)
  for (const { key } of id === null ? [] : await deps.store.list(logFolder(table.key))) {
    const entry = parseLogKey(key)
    if (entry?.kind === 'commit') await forgetBounds(deps.store, key, id ?? '')
    else if (entry !== null && entry.version < version) keys.push(key)
  }
  const kept: KeptObject[] = []
  for (const key of keys) {
    try {
      await deps.store.remove(key)
    } catch (error) {
      if (!(error instanceof InletError) || error.code !== 'INL_LAK_REMOVE_REFUSED') throw error
      kept.push({ key, reason: String(error.details['reason']) })
    }
  }
  return kept
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
