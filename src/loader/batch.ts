/**
 * Reads the next batch of every partition, as much as one commit should take.
 *
 * A commit is shared out: whoever waits with little is read whole, what that leaves goes to the
 * others in equal parts. So a backlog of one partition never keeps another waiting.
 */
import type { Clock } from '../core/clock.ts'
import { hasCode } from '../core/errors.ts'
import type { JournalRecord } from '../journal/entry.ts'
import type { JournalReader, ReadLimits } from '../journal/journal.ts'
import type { ReadMemory } from '../journal/read-memory.ts'
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

export interface BatchContext {
  readonly clock: Clock
  readonly commitBytes: number
  /** For the records, which are used up before the next batch is read. */
  readonly memory: ReadMemory
  /** Where the lake stands; null when it has never heard of the partition. */
  readonly txn: (reader: JournalReader) => number | null
  /** Lower for a partition that was left out of later batches. */
  readonly turn: (reader: JournalReader) => number
  /** Null where the task cannot be done for a while. */
  readonly attempt: <T>(name: string, task: () => Promise<T>) => Promise<T | null>
}

export async function readBatches(
  readers: readonly JournalReader[],
  context: BatchContext,
): Promise<BatchesRead> {
  context.memory.begin()
  const inTurn = await takeTurns(readers, context)
  const batches: PartitionBatch[] = []
  let isFull = false
  let left: ReadLimits = { records: MAX_RECORDS, bytes: context.commitBytes }
  for (const [index, { reader, from, end }] of inTurn.entries()) {
    const limits = { ...shareOf(left, inTurn.length - index), memory: context.memory }
    const hasRoom = left.records > 0 && left.bytes > 0
    const read = async () =>
      hasRoom ? readOnceSettled(reader, from ?? 0, { ...context, limits }) : []
    const records = await context.attempt(`read ${reader.partition}`, read)
    if (records === null) continue
    const to = (records.at(-1)?.position ?? (from ?? 0) - 1) + 1
    // Readers count bytes in their own way: what was there tells whether they stopped short.
    isFull ||= to < end
    if (records.length === 0) continue
    const { journalId, partition } = reader
    batches.push({ journalId, partition, from, to, records })
    left = { records: left.records - records.length, bytes: left.bytes - bytesOf(records) }
  }
  return { batches, isFull }
}

interface Turn {
  readonly reader: JournalReader
  readonly from: number | null
  readonly end: number
}

/** Whoever was left out comes first, then whoever waits with least. */
async function takeTurns(
  readers: readonly JournalReader[],
  { txn, turn, attempt }: BatchContext,
): Promise<Turn[]> {
  const turns: Turn[] = []
  for (const reader of readers) {
    const bounds = await attempt(`look at ${reader.partition}`, () => reader.bounds())
    if (bounds !== null) turns.push({ reader, from: txn(reader), end: bounds.end })
  }
  const behind = ({ from, end }: Turn) => end - (from ?? 0)
  return turns.sort((a, b) => turn(a.reader) - turn(b.reader) || behind(a) - behind(b))
}

function shareOf({ records, bytes }: ReadLimits, among: number): ReadLimits {
  return { records: Math.ceil(records / among), bytes: Math.ceil(bytes / among) }
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

function bytesOf(records: readonly JournalRecord[]): number {
  let bytes = 0
  for (const record of records)
    bytes += record.kind === 'damaged' ? record.bytes.length : record.size
  return bytes
}
