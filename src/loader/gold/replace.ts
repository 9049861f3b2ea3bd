/**
 * Puts rows in the place of others, in one commit: of each partition that is touched a file is
 * written anew, of what stays and what is fresh, and takes the place of all its files.
 *
 * Guarantee: a reader sees all of it or nothing, together with the positions that it reaches. Rows
 * stand in the order of their key, so that the same rows make the same file.
 */
import type { TxnStep } from '../../lake/delta/commit.ts'
import type { WrittenFile } from '../../lake/delta/delta-table.ts'
import type { DataFile } from '../../lake/delta/table-state.ts'
import { type ParquetWriterDeps, writeParquet } from '../../lake/sql/parquet-writer.ts'
import { identifier, literal } from '../../lake/sql/quote.ts'
import { tableSelect } from '../../lake/sql/table-view.ts'
import type { ObjectStore } from '../../lake/store/object-store.ts'
import type { LocalObjects } from '../../lake/store/with-leases.ts'
import type { Replacement } from './refresh.ts'
import { type GoldTarget, work } from './sources.ts'

export interface ReplaceDeps extends ParquetWriterDeps {
  readonly store: Pick<ObjectStore, 'remove'>
  /** Where files of the table are read. */
  readonly objects: LocalObjects
}

export interface ReplaceJob {
  readonly table: GoldTarget
  readonly key: readonly string[]
  /** Null where only the positions move on. */
  readonly replacement: Replacement | null
  readonly txns: readonly TxnStep[]
  /** A folder on the file system of the store. */
  readonly folder: string
}

export interface Replaced {
  /** False where another writer was quicker: nothing changed. */
  readonly committed: boolean
  readonly rows: number
  readonly files: number
}

export async function replaceRows(deps: ReplaceDeps, job: ReplaceJob): Promise<Replaced> {
  const { table, replacement, txns } = job
  const written: WrittenFile[] = []
  const removes: DataFile[] = []
  try {
    for (const partition of replacement === null
      ? []
      : await partitionsOf(deps, job, replacement)) {
      removes.push(...partition.files)
      const file = await writePartition(deps, job, partition)
      if (file !== null) written.push(file)
    }
    const adds = await table.publish(written)
    const rows = written.reduce((sum, file) => sum + file.rows, 0)
    const result = await table.commit({
      operation: 'WRITE',
      adds,
      removes,
      txns: [...txns],
      metrics: { numOutputRows: rows },
    })
    const committed = result.kind === 'committed'
    if (!committed) for (const { key } of adds) await deps.store.remove(`${table.key}/${key}`)
    return { committed, rows, files: adds.length }
  } finally {
    for (const { localPath } of written)
      if ((await deps.files.stat(localPath)) !== null) await deps.files.remove(localPath)
  }
}

interface Partition {
  readonly values: Readonly<Record<string, string | null>>
  readonly files: readonly DataFile[]
  /** Its rows that stay, and those that come. */
  readonly select: string
}

/** Those that have fresh rows or rows that go. */
async function partitionsOf(
  { engine, objects }: ReplaceDeps,
  { table }: ReplaceJob,
  { replaced, days }: Replacement,
): Promise<Partition[]> {
  const { definition } = table
  const onDays = [...table.state.files.values()].filter(({ partitionValues: { date } }) =>
    days.includes(date ?? ''),
  )
  const pathOf = ({ key }: DataFile) => objects.localPath(`${table.key}/${key}`)
  const selectOf = async (files: readonly DataFile[]) =>
    tableSelect(definition, await Promise.all(files.map(pathOf)))
  const names = definition.partitionedBy
  const columns = names.map((name) => `${identifier(name)}::VARCHAR AS ${identifier(name)}`)
  const found = await engine.rows(`
    SELECT DISTINCT ${columns.join(', ')} FROM (
      SELECT ${names.map(identifier).join(', ')} FROM (${await selectOf(onDays)}) WHERE ${replaced}
      UNION ALL SELECT ${names.map(identifier).join(', ')} FROM ${work('fresh')}) ORDER BY ALL`)
  return Promise.all(
    found.map(async (row) => {
      const values = Object.fromEntries(names.map((name) => [name, String(row[name])]))
      const isIt = names.map(
        (name) => `${identifier(name)}::VARCHAR = ${literal(values[name] ?? '')}`,
      )
      const files = onDays.filter(({ partitionValues }) =>
        names.every((name) => partitionValues[name] === values[name]),
      )
      const all = definition.columns.map(({ name }) => identifier(name)).join(', ')
      const select = `
        SELECT ${all} FROM (${await selectOf(files)}) WHERE (${replaced}) IS NOT TRUE
        UNION ALL SELECT ${all} FROM ${work('fresh')} WHERE ${isIt.join(' AND ')}`
      return { values, files, select }
    }),
  )
}

/** Null where no row is left. */
async function writePartition(
  deps: ReplaceDeps,
  { table, key, folder }: ReplaceJob,
  { values, select }: Partition,
): Promise<WrittenFile | null> {
  const { definition } = table
  const columns = definition.columns
    .filter(({ name }) => !definition.partitionedBy.includes(name))
    .map(({ name, type }) => `${identifier(name)}::${type} AS ${identifier(name)}`)
  const order = key.map((name) => `${identifier(name)} NULLS FIRST`).join(', ')
  const job = {
    table: definition,
    select: `SELECT ${columns.join(', ')} FROM (${select}) ORDER BY ${order}`,
    partitionValues: values,
    folder,
  }
  const file = await writeParquet(deps, job)
  if (file.rows > 0) return file
  await deps.files.remove(file.localPath)
  return null
}
