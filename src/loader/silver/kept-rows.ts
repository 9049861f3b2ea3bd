/**
 * Rows of silver whose events retention took out of bronze: nothing is left that they could be made
 * of, so that a rebuild keeps them as they are.
 *
 * Which positions went is told by the notes of retention. A file that holds such rows alone stays
 * where it is; of one that holds others too, they are written to a file of their own.
 */
import type { Files } from '../../core/files.ts'
import type { Random } from '../../core/random.ts'
import type { NewFile } from '../../lake/delta/commit.ts'
import type { DeltaTable } from '../../lake/delta/delta-table.ts'
import type { DataFile } from '../../lake/delta/table-state.ts'
import type { SqlEngine } from '../../lake/sql/duckdb.ts'
import { literals } from '../../lake/sql/quote.ts'
import { tableSelect } from '../../lake/sql/table-view.ts'
import type { ObjectStore } from '../../lake/store/object-store.ts'
import { withLeases } from '../../lake/store/with-leases.ts'
import { merged } from '../bronze-files.ts'
import { landedNotes } from '../landed-notes.ts'
import { appId } from '../places.ts'
import { inRanges, meets } from '../progress/bronze-rows.ts'
import type { Keep } from '../progress/staged-table.ts'
import type { PositionRange } from '../progress/standing.ts'
import { RETENTION, retentionPartition, sumRetained } from '../retained.ts'
import { withRows } from './write-rows.ts'

export interface KeptRowsDeps {
  readonly store: ObjectStore
  readonly engine: SqlEngine
  readonly files: Files
  readonly random: Random
}

/** What retention has taken out of bronze, in order and without overlaps. */
export async function takenRanges(
  deps: Pick<KeptRowsDeps, 'store' | 'engine'>,
  bronze: DeltaTable,
): Promise<PositionRange[]> {
  const question = { reason: RETENTION, partition: retentionPartition }
  const { ranges } = sumRetained(await landedNotes(deps, bronze, question))
  const taken = ranges.map(({ journal_id: journalId, partition, from, to }) => {
    return { journalId, partition, from, until: to + 1 }
  })
  return [...Map.groupBy(taken, appId).values()].flatMap((own) => {
    const { journalId = '', partition = '' } = own[0] ?? {}
    return merged(own).map(({ from, until }) => ({ journalId, partition, from, to: until }))
  })
}

/** Files are looked into so many at a time, on the local disk. */
const filesAtOnce = 64

/** Of a table, what it keeps; a file is looked into and written once, however often it asks. */
export function keepTaken(
  deps: KeptRowsDeps,
  live: DeltaTable,
  { taken, folder }: { readonly taken: readonly PositionRange[]; readonly folder: string },
): Keep {
  if (taken.length === 0) return async () => ({ stays: [], adds: [] })
  const shares = new Map<string, Share>()
  const rewritten = new Map<string, readonly NewFile[]>()
  return async (files) => {
    const candidates = files.filter(meets(taken))
    const unknown = candidates.filter(({ key }) => !shares.has(key))
    for (let at = 0; at < unknown.length; at += filesAtOnce)
      for (const [key, share] of await sharesOf(deps, live, {
        files: unknown.slice(at, at + filesAtOnce),
        condition: inRanges(taken),
      }))
        shares.set(key, share)
    const adds: NewFile[] = []
    for (const { key } of candidates.filter((file) => shares.get(file.key) === 'some')) {
      const part = rewritten.get(key) ?? (await rewrite(deps, live, { key, taken, folder }))
      rewritten.set(key, part)
      adds.push(...part)
    }
    return { stays: candidates.filter(({ key }) => shares.get(key) === 'all'), adds }
  }
}

/** How many of the rows of a file are to be kept. */
type Share = 'all' | 'some' | 'none'

async function sharesOf(
  { store, engine }: KeptRowsDeps,
  live: DeltaTable,
  { files, condition }: { readonly files: readonly DataFile[]; readonly condition: string },
): Promise<[string, Share][]> {
  return withLeases(store, async (objects) => {
    const keys = new Map<string, string>()
    for (const { key } of files) keys.set(await objects.localPath(`${live.key}/${key}`), key)
    const rows = await engine.rows(`
      SELECT filename, count(*) FILTER (${condition})::DOUBLE AS kept, count(*)::DOUBLE AS "all"
      FROM read_parquet(${literals([...keys.keys()])}, filename = true, union_by_name = true,
        hive_partitioning = false) GROUP BY filename`)
    return rows.map(({ filename, kept, all }) => {
      const share = kept === 0 ? 'none' : kept === all ? 'all' : 'some'
      return [keys.get(String(filename)) ?? '', share]
    })
  })
}

async function rewrite(
  deps: KeptRowsDeps,
  live: DeltaTable,
  part: { readonly key: string; readonly taken: readonly PositionRange[]; readonly folder: string },
): Promise<NewFile[]> {
  return withLeases(deps.store, async (objects) => {
    const path = await objects.localPath(`${live.key}/${part.key}`)
    const table = live.definition
    const select = `SELECT * FROM (${tableSelect(table, [path])}) WHERE ${inRanges(part.taken)}`
    return withRows(deps, { table, select, folder: part.folder }, (files) => live.publish(files))
  })
}
