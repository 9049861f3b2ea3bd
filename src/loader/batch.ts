/** Reads the next batch of every partition, as much as one commit should take. */

import type { Clock } from '../core/clock.ts'
import { hasCode } from '../core/errors.ts'
import type { JournalRecord } from '../journal/entry.ts'
import type { JournalReader, ReadLimits } from '../journal/journal.ts'
import type { PartitionBatch } from './places.ts'

/** Rows that a commit holds in memory at most, whatever their size. */
const MAX_RECORDS = 100_000
const AHEAD_TRIES = 10
const AHEAD_WAIT_MS = 300

export interface BatchesRead {
  readonly batches: readonly PartitionBatch[]
  /** True where the limits kept out what was durable when the reading began. */
  readonly isFull: boolean
}

export async function readBatches(
  readers: readonly JournalReader[],
  context: { clock: Clock; commitBytes: number; txn: (reader: JournalReader) => number | null },
): Promise<BatchesRead> {
  const batches: PartitionBatch[] = []
  let isFull = false
  let limits: ReadLimits = { records: MAX_RECORDS, bytes: context.commitBytes }
  for (const reader of readers) {
    const from = context.txn(reader)
    // Readers count bytes in their own way: what was there tells whether they stopped short.
    const { end } = await reader.bounds()
    const hasRoom = limits.records > 0 && limits.bytes > 0
    const records = hasRoom ? await readOnceSettled(reader, from ?? 0, { ...context, limits }) : []
    const to = (records.at(-1)?.position ?? (from ?? 0) - 1) + 1
    isFull ||= to < end
    if (records.length === 0) continue
    const { journalId, partition } = reader
    batches.push({ journalId, partition, from, to, records })
    const bytes = records.reduce((sum, record) => sum + sizeOf(record), 0)
    limits = { records: limits.records - records.length, bytes: limits.bytes - bytes }
  }
  return { batches, isFull }
}

/** After a loss of power the durable mark may be behind until the partition is recovered. */
async function readOnceSettled(
  reader: JournalReader,
  from: number,
  context: { clock: Clock; limits: ReadLimits },
): Promise<JournalRecord[]> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await reader.read(from, context.limits)
    } catch (error) {
      if (!hasCode(error, 'INL_JRN_AHEAD') || attempt === AHEAD_TRIES) throw error
      await context.clock.sleep(AHEAD_WAIT_MS)
      await reader.settle()
    }
  }
}

/** Bytes that a record holds in memory, near enough. */
function sizeOf(record: JournalRecord): number {
  if (record.kind === 'damaged') return record.bytes.length
  const { entry } = record
  if (entry.kind === 'note') return entry.detail.length
  if (entry.kind === 'unreadable') return entry.body.length
  return entry.envelope.body.length + 256
}
