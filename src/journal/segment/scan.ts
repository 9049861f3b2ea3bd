/**
 * Reading a segment's bytes, damage included. Pure.
 *
 * Promise: every position between two valid frames is told of exactly once, as a payload or as
 * damage. One damaged byte costs at most the record that it stands in; a damaged group header costs
 * nothing, for records are valid by themselves.
 */
import {
  crcSeed,
  FRAME_PREFIX,
  GROUP_HEADER_BYTES,
  type GroupHeader,
  RECORD_HEADER_BYTES,
  readGroupHeader,
  readRecordPosition,
  recordEnd,
} from './format.ts'

/**
 * Positions that one damaged place can take with it: more than the records of the largest segment.
 */
const LARGEST_HOLE = 2 ** 24

/** A record's payload, or what was found in its place: from `from` up to `to` of `bytes`. */
export interface RawRecord {
  readonly position: number
  readonly damaged: boolean
  readonly bytes: Buffer
  readonly from: number
  readonly to: number
}

/** What one group holds, or what is left of it. */
export interface ScannedGroup {
  readonly records: RawRecord[]
  /** Offset behind it, and the position behind it. */
  readonly end: number
  readonly next: number
  /** What was found wrong, in words; empty for a sound group. */
  readonly faults: string[]
}

/**
 * `more`: the window ends before the group does and must be at least `bytes` long. `tail`: no valid
 * frame follows.
 */
export type Scan =
  | { readonly kind: 'group'; readonly group: ScannedGroup }
  | { readonly kind: 'more'; readonly bytes: number }
  | { readonly kind: 'tail' }

export interface ScanContext {
  /** The CRC seed of the journal. */
  readonly seed: number
  /** The position that should stand here. */
  readonly expected: number
  /** True when the window reaches the end of the file. */
  readonly atEnd: boolean
}

/** Reads the group at offset `at` of the window. */
export function scanGroup(window: Buffer, at: number, context: ScanContext): Scan {
  const header = ownGroupHeader(window, at, context.seed)
  if (header === null || header.first < context.expected) return resynchronise(window, at, context)
  const end = at + GROUP_HEADER_BYTES + header.length
  if (end > window.length) {
    return context.atEnd ? resynchronise(window, at, context) : { kind: 'more', bytes: end - at }
  }
  return { kind: 'group', group: readGroup(window.subarray(0, end), at, { header, ...context }) }
}

function readGroup(
  bytes: Buffer,
  at: number,
  context: ScanContext & { header: GroupHeader },
): ScannedGroup {
  const { header, seed } = context
  const records: RawRecord[] = []
  const faults: string[] = []
  const next = header.first + header.count
  if (header.first > context.expected) {
    addDamage(records, { from: context.expected, to: header.first, bytes: Buffer.alloc(0) })
    faults.push(`positions ${context.expected} to ${header.first - 1} are missing`)
  }
  let offset = at + GROUP_HEADER_BYTES
  let position = header.first
  while (position < next) {
    const end = recordEnd(bytes, offset, seed)
    if (end !== -1 && readRecordPosition(bytes, offset) === position) {
      records.push(soundRecord(bytes, offset, end))
      offset = end
      position++
      continue
    }
    const found = nextRecord(bytes, offset + 1, { seed, from: position + 1, to: next })
    const to = found === -1 ? next : readRecordPosition(bytes, found)
    const stop = found === -1 ? bytes.length : found
    addDamage(records, { from: position, to, bytes: bytes.subarray(offset, stop) })
    faults.push(`damaged record at position ${position}, offset ${offset}`)
    offset = stop
    position = to
  }
  return { records, end: bytes.length, next, faults }
}

/**
 * The group header at `at` is no good: goes on at the next valid frame of the expected positions.
 */
function resynchronise(window: Buffer, at: number, context: ScanContext): Scan {
  const { seed, expected } = context
  for (let offset = window.indexOf(FRAME_PREFIX, at); offset !== -1; ) {
    const header = offset === at ? null : ownGroupHeader(window, offset, seed)
    const range = { seed, from: expected, to: expected + LARGEST_HOLE }
    const isRecord = isRecordWithin(window, offset, range)
    const position = isRecord ? readRecordPosition(window, offset) : (header?.first ?? -1)
    if (position >= expected) {
      const records: RawRecord[] = []
      addDamage(records, { from: expected, to: position, bytes: window.subarray(at, offset) })
      const end = isRecord ? readRun(window, offset, { seed, records }) : offset
      const next = records.at(-1)?.position ?? position - 1
      const faults = [`damaged group header for position ${expected}, offset ${at}`]
      return { kind: 'group', group: { records, end, next: next + 1, faults } }
    }
    offset = window.indexOf(FRAME_PREFIX, offset + 1)
  }
  return context.atEnd ? { kind: 'tail' } : { kind: 'more', bytes: 2 * (window.length - at) + 4096 }
}

/**
 * Null for a header of another journal: it vouches for the id that it names, so that a sender can
 * put a whole one into a body.
 */
function ownGroupHeader(bytes: Buffer, at: number, seed: number): GroupHeader | null {
  const header = readGroupHeader(bytes, at)
  return header !== null && crcSeed(header.journalId) === seed ? header : null
}

/**
 * Appends the unbroken run of valid neighbouring records at `offset`; returns the offset behind it.
 */
function readRun(
  window: Buffer,
  offset: number,
  context: { seed: number; records: RawRecord[] },
): number {
  let at = offset
  for (;;) {
    const end = recordEnd(window, at, context.seed)
    if (end === -1) return at
    const last = context.records.at(-1)
    if (last !== undefined && readRecordPosition(window, at) !== last.position + 1) return at
    context.records.push(soundRecord(window, at, end))
    at = end
  }
}

function nextRecord(
  bytes: Buffer,
  start: number,
  range: { seed: number; from: number; to: number },
): number {
  let offset = bytes.indexOf(FRAME_PREFIX, start)
  while (offset !== -1) {
    if (isRecordWithin(bytes, offset, range)) return offset
    offset = bytes.indexOf(FRAME_PREFIX, offset + 1)
  }
  return -1
}

/**
 * The position is looked at first: it is cheap, and spares a CRC for bytes that only look like a
 * record.
 */
function isRecordWithin(
  bytes: Buffer,
  at: number,
  range: { seed: number; from: number; to: number },
): boolean {
  if (at + RECORD_HEADER_BYTES > bytes.length) return false
  const position = readRecordPosition(bytes, at)
  return position >= range.from && position < range.to && recordEnd(bytes, at, range.seed) !== -1
}

function soundRecord(bytes: Buffer, at: number, end: number): RawRecord {
  return {
    position: readRecordPosition(bytes, at),
    damaged: false,
    bytes,
    from: at + RECORD_HEADER_BYTES,
    to: end,
  }
}

/** One damaged record for each position; the bytes found in their place go with the first. */
export function addDamage(
  records: RawRecord[],
  damage: { from: number; to: number; bytes: Buffer },
): void {
  for (let position = damage.from; position < damage.to; position++) {
    const bytes = position === damage.from ? damage.bytes : Buffer.alloc(0)
    records.push({ position, damaged: true, bytes, from: 0, to: bytes.length })
  }
}
