/**
 * A lake for the loader on a simulated disk: the real store, log, commits and upkeep, with files of
 * JSON lines in place of Parquet and plain loops in place of SQL.
 */
import type { Clock } from '../../src/core/clock.ts'
import type { Files } from '../../src/core/files.ts'
import type { Random } from '../../src/core/random.ts'
import { readCheckpoint } from '../../src/lake/delta/checkpoint.ts'
import {
  type DeltaTable,
  findDeltaTable,
  openDeltaTable,
  type WrittenFile,
} from '../../src/lake/delta/delta-table.ts'
import type { Lake } from '../../src/lake/lake.ts'
import { openFolderStore, scratchFolder } from '../../src/lake/store/folder-store.ts'
import type { ObjectStore } from '../../src/lake/store/object-store.ts'
import { Upkeep } from '../../src/lake/upkeep.ts'
import type { LandedArrivals } from '../../src/loader/evidence.ts'
import type { Arrival } from '../../src/tables/arrivals.ts'
import { lineEngine, linesOf, writeUnsynced } from '../support/line-engine.ts'
import { type LineRow, landedLines, lineRow } from './line-arrivals.ts'

export interface LineLakeDeps {
  readonly files: Files
  readonly clock: Clock
  readonly random: Random
}

export interface LineLake {
  readonly lake: Lake
  readonly landed: LandedArrivals
  /** Every row of the table as it is known. */
  rows(table: DeltaTable): Promise<LineRow[]>
}

export async function openLineLake(deps: LineLakeDeps, root: string): Promise<LineLake> {
  const store = await openFolderStore(deps, { root })
  const engine = lineEngine(deps.files)
  const scratch = scratchFolder(root)
  const tableDeps = {
    ...deps,
    store,
    readCheckpoint: (path: string) => readCheckpoint(engine, path),
  }
  let opened: Promise<DeltaTable> | null = null
  const lake: Lake = {
    upkeep: new Upkeep({ ...deps, store, engine }, { scratch }),
    table(definition) {
      opened ??= openDeltaTable(tableDeps, definition)
      opened.catch(() => {
        opened = null
      })
      return opened
    },
    find: (definition) => findDeltaTable(tableDeps, definition),
    arrivalsWriter: async () => ({
      write: (rows) => writeRows(deps, scratch, rows),
    }),
    runUpkeep: async () => [],
  }
  const rows = (table: DeltaTable) => readRows(store, table)
  return { lake, rows, landed: landedLines(rows) }
}

async function writeRows(
  { files, random }: LineLakeDeps,
  scratch: string,
  rows: readonly Arrival[],
): Promise<WrittenFile[]> {
  const written: WrittenFile[] = []
  const groups = Map.groupBy(rows, ({ outcome, receivedAt }) =>
    JSON.stringify({ outcome, date: new Date(receivedAt).toISOString().slice(0, 10) }),
  )
  for (const [partition, group] of groups) {
    const localPath = `${scratch}/${random.uuid()}.parquet`
    const bytes = Buffer.from(group.map((row) => `${JSON.stringify(lineRow(row))}\n`).join(''))
    await writeUnsynced(files, localPath, bytes)
    const partitionValues: Record<string, string> = JSON.parse(partition)
    const { length: size } = bytes
    written.push({ localPath, partitionValues, rows: group.length, size, stats: null })
  }
  return written
}

async function readRows(store: ObjectStore, table: DeltaTable): Promise<LineRow[]> {
  const rows: LineRow[] = []
  for (const { key } of table.snapshot().files) {
    const bytes = await store.get(`${table.key}/${key}`)
    if (bytes === null) throw new Error(`${key} is live and gone`)
    rows.push(...linesOf(bytes).map((line): LineRow => JSON.parse(line)))
  }
  return rows
}
