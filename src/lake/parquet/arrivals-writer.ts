/**
 * Writes batches of arrivals to Parquet: one file for each outcome and date present.
 *
 * This is the loader's hot path, and the one place where Inlet writes Parquet itself: putting rows
 * into DuckDB value by value cost three times what the whole file costs here (ADR 011).
 *
 * Guarantee: a file holds exactly its rows, in their order. Nothing is durable or visible until it
 * is published. What was written and not published is removed before the next batch: a lake that
 * takes nothing must not fill the disk that the journal needs.
 * Limits: one batch at a time; times must lie within what a Date can hold. Beside the rows it holds
 * a row group compressed, and the largest body twice.
 */
import { join } from 'node:path'
import { type Files, isSystemError } from '../../core/files.ts'
import type { Random } from '../../core/random.ts'
import type { Arrival } from '../../tables/arrivals.ts'
import type { WrittenFile } from '../delta/delta-table.ts'
import { type ColumnBounds, statsText, widest } from '../delta/statistics.ts'
import { mostRows, rowsPerGroup } from '../sql/row-groups.ts'
import { arrivalColumns, bodySize, rowGroup } from './arrival-columns.ts'
import { ChunkEncoder, type ColumnChunk } from './chunk-encoder.ts'
import { ParquetFile } from './parquet-file.ts'

export interface ArrivalsWriter {
  /**
   * The files of these rows, on the local disk, to be published before the next call. Calls must
   * not overlap.
   */
  write(rows: readonly Arrival[]): Promise<WrittenFile[]>
}

export interface ArrivalsWriterDeps {
  readonly files: Files
  readonly random: Random
}

const dayMs = 86_400_000

/** `folder` is an absolute path on the file system of the store. */
export async function openArrivalsWriter(
  deps: ArrivalsWriterDeps,
  options: { folder: string },
): Promise<ArrivalsWriter> {
  const { files, random } = deps
  const { folder } = options
  await files.makeFolder(folder)
  const encoder = new ChunkEncoder(mostRows)
  let paths: string[] = []
  return {
    async write(rows) {
      await removeAll(files, paths)
      paths = []
      const written: WrittenFile[] = []
      for (const group of groupByPartition(rows)) {
        const path = join(folder, `${random.uuid()}.parquet`)
        paths.push(path)
        written.push(await writeFile({ files, encoder }, group, path))
      }
      return written
    },
  }
}

/** Those that were published are gone. */
async function removeAll(files: Files, paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    await files.remove(path).catch((error: unknown) => {
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
    if (last?.day !== day || last.outcome !== row.outcome) last = groupOf(groups, row.outcome, day)
    last.rows.push(row)
  }
  return groups
}

function groupOf(groups: Group[], outcome: Group['outcome'], day: number): Group {
  const known = groups.find((group) => group.day === day && group.outcome === outcome)
  if (known !== undefined) return known
  const group = { outcome, day, rows: [] }
  groups.push(group)
  return group
}

async function writeFile(
  { files, encoder }: { files: Files; encoder: ChunkEncoder },
  { outcome, day, rows }: Group,
  localPath: string,
): Promise<WrittenFile> {
  const file = await files.open(localPath, 'create')
  try {
    const parquet = new ParquetFile(file, arrivalColumns)
    const bounds: ColumnBounds[] = []
    const step = rowsPerGroup(rows.map(bodySize))
    for (let from = 0; from < rows.length; from += step) {
      const part = rowGroup(rows.slice(from, from + step))
      const chunks = arrivalColumns.map((column) => column.encode(encoder, part))
      await parquet.addGroup(chunks)
      bounds.push(...measuredBounds(chunks))
    }
    return {
      localPath,
      partitionValues: { outcome, date: new Date(day * dayMs).toISOString().slice(0, 10) },
      rows: rows.length,
      size: await parquet.finish(),
      stats: statsText(rows.length, widest(bounds)),
    }
  } finally {
    await file.close()
  }
}

function measuredBounds(chunks: readonly ColumnChunk[]): ColumnBounds[] {
  return arrivalColumns.flatMap(({ name, type, measured }, index) => {
    const chunk = chunks[index]
    if (!measured || chunk === undefined) return []
    const { bounds, nulls } = chunk
    return [{ name, type, min: bounds?.min ?? null, max: bounds?.max ?? null, nulls }]
  })
}
