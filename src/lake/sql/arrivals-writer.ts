/**
 * Writes batches of arrivals to Parquet: one file for each outcome and date present.
 *
 * This is the loader's hot path: rows are streamed into the statement that writes them
 * (./row-feed.ts).
 *
 * Guarantee: a file holds exactly its rows, in their order. Nothing is durable or visible until it
 * is published. What was written and not published is removed before the next batch: a lake that
 * takes nothing must not fill the disk that the journal needs. After a failure the engine is opened
 * anew, because DuckDB may have given it up for good.
 * Limits: one batch at a time; times must lie within what a Date can hold.
 */
import { join } from 'node:path'
import { type Files, isSystemError } from '../../core/files.ts'
import type { Random } from '../../core/random.ts'
import type { Arrival } from '../../tables/arrivals.ts'
import { arrivals } from '../../tables/arrivals.ts'
import type { WrittenFile } from '../delta/delta-table.ts'
import { boundsOf, statsText } from '../delta/statistics.ts'
import { arrivalColumns, planArrivals } from './arrival-columns.ts'
import { openSqlEngine } from './duckdb.ts'
import { parquetOptions } from './parquet-writer.ts'
import { literal } from './quote.ts'
import type { RowFeed } from './row-feed.ts'
import { openRowFeed } from './row-feed.ts'

export interface ArrivalsWriter {
  /**
   * The files of these rows, on the local disk, to be published before the next call. Calls must
   * not overlap.
   */
  write(rows: readonly Arrival[]): Promise<WrittenFile[]>
  close(): void
}

export interface ArrivalsWriterDeps {
  readonly files: Files
  readonly random: Random
}

const dayMs = 86_400_000

/**
 * Of the writer's own engine, which holds one row group at a time: of one body of 64 MiB, 384 MiB.
 */
const memoryLimit = 512 * 2 ** 20

/**
 * `folder` is an absolute path on the file system of the store. The writer has an engine of its own
 * with a single thread: a second one has little to do here and spends a third more on waiting.
 */
export async function openArrivalsWriter(
  deps: ArrivalsWriterDeps,
  options: { folder: string },
): Promise<ArrivalsWriter> {
  const { folder } = options
  await deps.files.makeFolder(folder)
  let open: OpenFeed | null = await openFeed(folder)
  let written: WrittenFile[] = []
  return {
    async write(rows) {
      await removeAll(deps.files, written)
      written = []
      open ??= await openFeed(folder)
      try {
        for (const group of groupByPartition(rows))
          written.push(await writeGroup(deps, { ...group, feed: open.feed, folder }))
      } catch (error) {
        open.close()
        open = null
        throw error
      }
      return [...written]
    },
    close() {
      open?.close()
      open = null
    },
  }
}

interface OpenFeed {
  readonly feed: RowFeed
  close(): void
}

async function openFeed(folder: string): Promise<OpenFeed> {
  const engine = await openSqlEngine({ memoryLimit, threads: 1, folder: join(folder, 'spill') })
  return { feed: openRowFeed(await engine.connect(), 'arrivals'), close: () => engine.close() }
}

/** Those that were published are gone. */
async function removeAll(files: Files, written: readonly WrittenFile[]): Promise<void> {
  for (const { localPath } of written) {
    await files.remove(localPath).catch((error: unknown) => {
      if (!isSystemError(error, 'ENOENT')) throw error
    })
  }
}

interface Group {
  readonly outcome: Arrival['outcome']
  readonly day: number
  readonly rows: Arrival[]
}

/** Groups in the order of their first row. */
function groupByPartition(rows: readonly Arrival[]): Group[] {
  const groups: Group[] = []
  let last: Group | undefined
  for (const row of rows) {
    const day = Math.floor(row.receivedAt / dayMs)
    // Neighbouring rows mostly share a group, and a batch has few: no key is made for each row.
    if (last?.day !== day || last.outcome !== row.outcome) {
      last = groups.find((group) => group.day === day && group.outcome === row.outcome)
      last ??= { outcome: row.outcome, day, rows: [] }
      if (last.rows.length === 0) groups.push(last)
    }
    last.rows.push(row)
  }
  return groups
}

async function writeGroup(
  deps: ArrivalsWriterDeps,
  group: Group & { feed: RowFeed; folder: string },
): Promise<WrittenFile> {
  const { outcome, day, rows, feed, folder } = group
  const localPath = join(folder, `${deps.random.uuid()}.parquet`)
  const plan = planArrivals(rows)
  await feed.run(
    `COPY (${plan.select} FROM ${feed.table}) TO ${literal(localPath)}
      (${parquetOptions(plan.rowsPerGroup)})`,
    plan,
  )
  const stat = await deps.files.stat(localPath)
  return {
    localPath,
    partitionValues: { outcome, date: new Date(day * dayMs).toISOString().slice(0, 10) },
    rows: rows.length,
    size: stat?.size ?? 0,
    stats: statistics(rows),
  }
}

const measured = arrivalColumns.filter(({ name }) =>
  arrivals.columns.some((column) => column.name === name && column.statistics),
)

function statistics(rows: readonly Arrival[]): string {
  const bounds = measured.flatMap(({ name, type, field }) =>
    field ? [boundsOf({ name, type }, rows.map(field))] : [],
  )
  return statsText(rows.length, bounds)
}
