/**
 * The reading side of a partition, usually in another process than the writer.
 *
 * Reads never go beyond the durable mark. A position is given either as an entry or as a damaged
 * record; a missing file is an error, never a silent hole.
 */
import { InletError } from '../../core/errors.ts'
import { type Files, isSystemError, type OpenFile } from '../../core/files.ts'
import type { Locks } from '../../core/lock.ts'
import type { JournalRecord } from '../entry.ts'
import type { JournalBounds, JournalReader, ReadLimits } from '../journal.ts'
import { openRecordKeeper, type RecordKeeper } from '../kept-record.ts'
import { openDurableMark, readDurableMark } from './durable-mark.ts'
import { crcSeed, SEGMENT_HEADER_BYTES } from './format.ts'
import { folderBytes, listSegments, lockPath, type SegmentName } from './layout.ts'
import { identifyPartition, recoverPartition } from './recover.ts'
import { addDamage, type RawRecord } from './scan.ts'
import { walkGroups } from './walk.ts'

export interface SegmentReaderDeps {
  readonly files: Files
  readonly locks: Locks
}

/** Null while the partition holds nothing. */
export async function openSegmentReader(
  deps: SegmentReaderDeps,
  place: { dir: string; partition: string },
): Promise<JournalReader | null> {
  const folder = `${place.dir}/${place.partition}`
  const segments = await listSegments(deps.files, folder)
  const journalId = await identifyPartition(deps.files, segments)
  if (journalId === null) return null
  const reader = new SegmentReader(deps, { folder, partition: place.partition, journalId })
  await reader.settle()
  return reader
}

interface Cursor {
  readonly path: string
  readonly offset: number
  readonly position: number
}

class SegmentReader implements JournalReader {
  readonly journalId: string
  readonly partition: string
  readonly #deps: SegmentReaderDeps
  readonly #folder: string
  readonly #seed: number
  readonly #keep: RecordKeeper = openRecordKeeper()
  #cursor: Cursor | null = null

  constructor(
    deps: SegmentReaderDeps,
    place: { folder: string; partition: string; journalId: string },
  ) {
    this.#deps = deps
    this.#folder = place.folder
    this.partition = place.partition
    this.journalId = place.journalId
    this.#seed = crcSeed(place.journalId)
  }

  async read(from: number, limits: ReadLimits): Promise<JournalRecord[]> {
    const segments = await listSegments(this.#deps.files, this.#folder)
    const end = await this.#end(segments)
    if (from > end) {
      throw new InletError('INL_JRN_AHEAD', { partition: this.partition, from, end })
    }
    const found = { records: [] as JournalRecord[], bytes: 0 }
    const { records } = found
    for (let position = from; position < end; ) {
      if (records.length >= limits.records || found.bytes >= limits.bytes) break
      const place = this.#locate(segments, position, end)
      await this.#readSegment(place, position, { found, limits })
      position = (records.at(-1)?.position ?? place.end - 1) + 1
      // The limits are reached, or a gap begins here: asked for by itself, that is an error.
      if (position < place.end) break
    }
    return records
  }

  async bounds(): Promise<JournalBounds> {
    const { files } = this.#deps
    const segments = await listSegments(files, this.#folder)
    const bytes = await folderBytes(files, this.#folder)
    return { first: segments[0]?.first ?? 0, end: await this.#end(segments), bytes }
  }

  /**
   * Segments below `position` go, save the one that holds the position before it. An empty segment
   * behind that one says where the partition goes on, but not which journal it is.
   */
  async trim(position: number): Promise<void> {
    const segments = await listSegments(this.#deps.files, this.#folder)
    for (const [index, segment] of segments.entries()) {
      const following = segments[index + 1]
      if (following === undefined || following.first >= position) return
      await removeIfThere(this.#deps.files, segment.path)
    }
  }

  async settle(): Promise<void> {
    const { files, locks } = this.#deps
    const lock = locks.acquire(lockPath(this.#folder))
    if (lock === null) return
    try {
      const { end } = await recoverPartition(files, this.#folder)
      const mark = await openDurableMark(files, this.#folder, this.journalId)
      mark.publish(end)
      await mark.close()
    } finally {
      lock.release()
    }
  }

  async close(): Promise<void> {
    this.#cursor = null
  }

  /** The durable mark; while it cannot be read, what is certain without it. */
  async #end(segments: readonly SegmentName[]): Promise<number> {
    const mark = await readDurableMark(this.#deps.files, this.#folder, this.journalId)
    return Math.max(mark ?? 0, segments.at(-1)?.first ?? 0)
  }

  #locate(segments: readonly SegmentName[], position: number, end: number): Place {
    for (const [index, segment] of segments.entries()) {
      const following = segments[index + 1]
      const stop = following?.first ?? end
      if (position >= stop) continue
      if (position < segment.first) throw this.#gap(position, segment.first)
      const missing = following !== undefined && following.generation !== segment.generation + 1
      return { segment, end: stop, complete: !missing }
    }
    throw this.#gap(position, end)
  }

  async #readSegment(
    place: Place,
    from: number,
    { found, limits }: { found: Found; limits: ReadLimits },
  ): Promise<void> {
    const { segment } = place
    const file = await this.#open(place, from)
    const before = found.records.length
    let reached = segment.first
    let tail: Buffer = Buffer.alloc(0)
    try {
      const known = this.#cursor
      const start =
        known !== null && known.path === segment.path && known.position <= from
          ? known
          : { offset: SEGMENT_HEADER_BYTES, position: segment.first }
      reached = start.position
      for await (const step of walkGroups(file, {
        ...start,
        seed: this.#seed,
        memory: limits.memory,
      })) {
        if (step.kind === 'tail') {
          tail = step.bytes
          break
        }
        for (const record of step.group.records) {
          if (record.position >= from && record.position < place.end) this.#take(record, found)
        }
        reached = step.group.next
        this.#cursor = { path: segment.path, offset: step.end, position: reached }
        const enough = found.records.length >= limits.records || found.bytes >= limits.bytes
        if (enough || reached >= place.end) return
      }
    } finally {
      await file.close()
    }
    const lost = Math.max(from, reached)
    if (lost >= place.end) return
    if (!place.complete || tail.length === 0) {
      if (found.records.length > before) return
      throw this.#gap(lost, place.end)
    }
    const damage: RawRecord[] = []
    addDamage(damage, { from: lost, to: place.end, bytes: tail })
    for (const record of damage) this.#take(record, found)
  }

  /** Another reader may have trimmed the segment since it was listed. */
  async #open({ segment, end }: Place, from: number): Promise<OpenFile> {
    try {
      return await this.#deps.files.open(segment.path, 'read')
    } catch (error) {
      if (isSystemError(error, 'ENOENT')) throw this.#gap(from, end)
      throw error
    }
  }

  #take(record: RawRecord, found: Found): void {
    found.records.push(this.#decode(record))
    found.bytes += record.to - record.from
  }

  #decode(record: RawRecord): JournalRecord {
    const { position, from, to } = record
    if (!record.damaged) return this.#keep(position, record)
    const bytes = record.bytes.subarray(from, to)
    const detail =
      bytes.length > 0
        ? `${bytes.length} damaged bytes stand in its place in the journal`
        : 'nothing stands in its place in the journal'
    return { kind: 'damaged', position, detail, bytes }
  }

  #gap(from: number, end: number): InletError {
    return new InletError('INL_JRN_GAP', { partition: this.partition, from, to: end - 1 })
  }
}

/** Another reader may have been quicker. */
async function removeIfThere(files: Files, path: string): Promise<void> {
  await files.remove(path).catch((error: unknown) => {
    if (!isSystemError(error, 'ENOENT')) throw error
  })
}

/** What a reading has brought so far, and the bytes that it stood in. */
interface Found {
  readonly records: JournalRecord[]
  bytes: number
}

interface Place {
  readonly segment: SegmentName
  readonly end: number
  /** False when files between this segment and the one behind it are missing. */
  readonly complete: boolean
}
