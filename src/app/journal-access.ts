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

/** Readers of the partitions that hold something and are not in `open`. The caller closes them. */
export async function openPartitions(
  machine: Pick<Machine, 'files' | 'locks'>,
  dir: string,
  open: ReadonlySet<string> = new Set(),
): Promise<JournalReader[]> {
  const readers: JournalReader[] = []
  for (const partition of await listPartitions(machine.files, dir)) {
    if (open.has(partition)) continue
    const reader = await openSegmentReader(machine, { dir, partition })
    if (reader !== null) readers.push(reader)
  }
  return readers
}
