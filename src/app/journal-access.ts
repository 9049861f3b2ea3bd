/** The journal of a configuration: how it is written, and every partition to read. */
import type { JournalReader } from '../journal/journal.ts'
import { listPartitions } from '../journal/segment/layout.ts'
import { openSegmentReader } from '../journal/segment/reader.ts'
import type { SegmentWriterOptions } from '../journal/segment/writer.ts'
import type { Config } from './config/schema.ts'
import type { Machine } from './machine.ts'

/** The partition that a gateway of this machine writes. */
export function gatewayPartition(worker: number): string {
  return `gateway-${worker}`
}

export function isGatewayPartition(partition: string): boolean {
  return /^gateway-\d+$/.test(partition)
}

/**
 * What may wait for the disk; a sixteenth of what a gateway may have, twice (it writes the other).
 */
const maxWaitingBytes = 48 * 2 ** 20

export function segmentOptions(
  { journal }: Pick<Config, 'journal'>,
  partition: string,
): SegmentWriterOptions {
  const { dir, segmentBytes, maxBytes, minFree } = journal
  return { dir, partition, segmentBytes, maxBytes, minFree, maxWaitingBytes }
}

type ReaderDeps = Pick<Machine, 'files' | 'locks'>

/** Readers of all partitions that hold something, or of some. The caller closes them. */
export async function openPartitions(
  deps: ReaderDeps,
  dir: string,
  wanted?: ReadonlySet<string>,
): Promise<JournalReader[]> {
  const { readers, failures } = await tryOpen(deps, dir, (one) => wanted?.has(one) ?? true)
  if (failures.length > 0) throw failures[0]
  return readers
}

/**
 * Readers of those that are not in `open`. One that cannot be opened holds up no other: it rejects
 * where nothing else is left to open.
 */
export async function openMorePartitions(
  deps: ReaderDeps,
  dir: string,
  open: ReadonlySet<string>,
): Promise<JournalReader[]> {
  const { readers, failures } = await tryOpen(deps, dir, (one) => !open.has(one))
  if (readers.length === 0 && failures.length > 0) throw failures[0]
  return readers
}

/**
 * By partition, the first position that is held. Read before a table it can be held against that:
 * what a journal lets go of meanwhile has landed in the table.
 */
export async function firstPositions(
  readers: readonly JournalReader[],
): Promise<Map<string, number>> {
  const found = new Map<string, number>()
  for (const reader of readers) found.set(reader.partition, (await reader.bounds()).first)
  return found
}

async function tryOpen(deps: ReaderDeps, dir: string, isWanted: (partition: string) => boolean) {
  const readers: JournalReader[] = []
  const failures: unknown[] = []
  for (const partition of await listPartitions(deps.files, dir)) {
    if (!isWanted(partition)) continue
    try {
      const reader = await openSegmentReader(deps, { dir, partition })
      if (reader !== null) readers.push(reader)
    } catch (error) {
      failures.push(error)
    }
  }
  return { readers, failures }
}
