/**
 * Where a partition ends, after whatever its last writer met.
 *
 * Guarantee: every acknowledged position stays, as a record or as a damaged one. No byte on disk is
 * changed; the end that is found becomes the first position of the next segment, and that alone
 * says what of this one counts (./format.ts). What does not count, a torn tail, is copied aside for
 * people. What counts and is not known to be durable is written once more, as it is: after a sync
 * that failed, the system takes bytes for written that are not, and would sync nothing.
 *
 * A crash at any step is harmless: the same answer is found again.
 */

import { InletError } from '../../core/errors.ts'
import type { Files, OpenFile } from '../../core/files.ts'
import { readDurableMark } from './durable-mark.ts'
import { crcSeed, SEGMENT_HEADER_BYTES } from './format.ts'
import { listSegments, type SegmentName } from './layout.ts'
import { hasSoundHeader, identifySegment, walkGroups } from './walk.ts'

export interface Recovery {
  /** Null for a partition without segments. */
  readonly journalId: string | null
  /** The generation of the newest segment, or -1. */
  readonly generation: number
  /** The next position. */
  readonly end: number
  /** What was damaged, repaired or torn, in words. */
  readonly reports: string[]
}

const CHUNK_BYTES = 2 ** 20

/**
 * The caller holds the partition's lock. Makes the newest segment durable up to the end it names.
 */
export async function recoverPartition(files: Files, folder: string): Promise<Recovery> {
  const segments = await listSegments(files, folder)
  const newest = segments.at(-1)
  if (newest === undefined) return { journalId: null, generation: -1, end: 0, reports: [] }
  const journalId = await identifyPartition(files, segments)
  const { generation } = newest
  if (journalId === null) {
    if (await holdsBytes(files, segments)) throw new InletError('INL_JRN_UNREADABLE', { folder })
    return { journalId, generation, end: 0, reports: [] }
  }
  const mark = await readDurableMark(files, folder, journalId)
  const file = await files.open(newest.path, 'update')
  try {
    const found = await findEnd(file, newest, { seed: crcSeed(journalId), mark })
    if (found.torn !== null) await copyAside(files, newest.path, found.torn)
    await writeAgain(file, found.proven)
    await file.sync()
    return { journalId, generation, end: found.end, reports: found.reports }
  } finally {
    await file.close()
  }
}

export async function identifyPartition(
  files: Files,
  segments: readonly SegmentName[],
): Promise<string | null> {
  for (const segment of segments.toReversed()) {
    const file = await files.open(segment.path, 'read')
    try {
      const journalId = await identifySegment(file)
      if (journalId !== null) return journalId
    } finally {
      await file.close()
    }
  }
  return null
}

interface End {
  readonly end: number
  readonly reports: string[]
  /** The bytes that do not count, or null. */
  readonly torn: Buffer | null
  /** The offset up to which the durable mark says that everything is on the disk. */
  readonly proven: number
}

/**
 * A group is written only after the one before it was synced. So faulty groups with nothing sound
 * behind them, at or above the durable mark, are one write that a crash tore. Below the mark, or
 * with sound groups behind, a fault is damage to something acknowledged: its positions stay.
 */
async function findEnd(
  file: OpenFile,
  segment: SegmentName,
  context: { seed: number; mark: number | null },
): Promise<End> {
  const mark = context.mark ?? segment.first
  const reports: string[] = []
  if ((await file.size()) > 0 && !(await hasSoundHeader(file))) {
    reports.push(`${segment.path}: damaged segment header, repaired from its groups`)
  }
  let end = segment.first
  let proven = 0
  let suspect: { offset: number; first: number; faults: string[] } | null = null
  let tail: { offset: number; bytes: Buffer } | null = null
  const start = { offset: SEGMENT_HEADER_BYTES, position: segment.first, seed: context.seed }
  for await (const step of walkGroups(file, start)) {
    if (step.kind === 'tail') {
      tail = step
      break
    }
    const { faults } = step.group
    if (faults.length === 0) {
      if (suspect !== null) reports.push(...suspect.faults)
      suspect = null
    } else if (end < mark) {
      reports.push(...faults)
    } else {
      suspect ??= { offset: step.offset, first: end, faults: [] }
      suspect.faults.push(...faults)
    }
    end = step.group.next
    if (end <= mark) proven = step.end
  }
  if (suspect !== null) return torn(file, segment, { ...suspect, reports, proven })
  if (tail !== null && end >= mark) {
    return torn(file, segment, { offset: tail.offset, first: end, reports, proven })
  }
  if (end < mark) {
    reports.push(`${segment.path}: positions ${end} to ${mark - 1} are damaged`)
    end = mark
  }
  return { end, reports, torn: null, proven }
}

async function torn(
  file: OpenFile,
  segment: SegmentName,
  cut: { offset: number; first: number; reports: string[]; proven: number },
): Promise<End> {
  const bytes = Buffer.alloc(Math.max(0, (await file.size()) - cut.offset))
  await file.read(bytes, cut.offset)
  const last = cut.first - 1
  const report = `${segment.path}: torn tail of ${bytes.length} bytes behind position ${last}`
  return { end: cut.first, reports: [...cut.reports, report], torn: bytes, proven: cut.proven }
}

/** Makes the system take everything behind `from` for changed, so that the next sync writes it. */
async function writeAgain(file: OpenFile, from: number): Promise<void> {
  const chunk = Buffer.allocUnsafe(CHUNK_BYTES)
  const size = await file.size()
  for (let offset = from; offset < size; offset += CHUNK_BYTES) {
    await file.write(chunk.subarray(0, await file.read(chunk, offset)), offset)
  }
}

/**
 * For people to look at. It was never acknowledged, so failing to keep it must not stop a start.
 */
async function copyAside(files: Files, path: string, bytes: Buffer): Promise<void> {
  try {
    const copy = await files.open(`${path}.torn`, 'create')
    await copy.write(bytes, 0).finally(() => copy.close())
  } catch {
    // A copy is there already, or the disk is full: the bytes still stand in the segment itself.
  }
}

async function holdsBytes(files: Files, segments: readonly SegmentName[]): Promise<boolean> {
  for (const segment of segments) {
    if (((await files.stat(segment.path))?.size ?? 0) > 0) return true
  }
  return false
}
