/**
 * Streams the groups of one segment in bounded chunks: reading never holds more than a group and a
 * chunk.
 */
import type { OpenFile } from '../../core/files.ts'
import type { ReadMemory } from '../read-memory.ts'
import { readGroupHeader, readSegmentHeader, SEGMENT_HEADER_BYTES } from './format.ts'
import { type ScannedGroup, scanGroup } from './scan.ts'

const CHUNK_BYTES = 2 ** 20

export interface WalkStart {
  readonly offset: number
  /** The position that should stand at `offset`. */
  readonly position: number
  /** The CRC seed of the journal. */
  readonly seed: number
  /** What is read stands there; in memory of its own where it is left out. */
  readonly memory?: ReadMemory | undefined
}

/** `tail`: bytes behind the last valid frame. */
export type WalkStep =
  | {
      readonly kind: 'group'
      readonly offset: number
      readonly end: number
      readonly group: ScannedGroup
    }
  | { readonly kind: 'tail'; readonly offset: number; readonly bytes: Buffer }

/** Ends at the end of the file as it was at the beginning of the walk. */
export async function* walkGroups(file: OpenFile, start: WalkStart): AsyncGenerator<WalkStep> {
  const size = await file.size()
  let { offset, position } = start
  let window: Buffer = Buffer.alloc(0)
  let base = offset
  let wanted = CHUNK_BYTES
  while (offset < size) {
    const atEnd = base + window.length >= size
    const scan =
      offset >= base + window.length
        ? { kind: 'more' as const, bytes: 0 }
        : scanGroup(window, offset - base, { seed: start.seed, expected: position, atEnd })
    if (scan.kind === 'more') {
      wanted = Math.min(Math.max(CHUNK_BYTES, scan.bytes), size - offset)
      const bytes = start.memory?.take(wanted) ?? Buffer.allocUnsafe(wanted)
      window = bytes.subarray(0, await file.read(bytes, offset))
      if (window.length === 0) return
      base = offset
      continue
    }
    if (scan.kind === 'tail') {
      yield { kind: 'tail', offset, bytes: window.subarray(offset - base) }
      return
    }
    const end = base + scan.group.end
    yield { kind: 'group', offset, end, group: scan.group }
    offset = end
    position = scan.group.next
  }
}

/**
 * Which journal a segment belongs to: from its header, else from any group; null when nothing
 * tells.
 */
export async function identifySegment(file: OpenFile): Promise<string | null> {
  const chunk = await readChunk(file, 0, CHUNK_BYTES)
  const header = readSegmentHeader(chunk)
  if (header !== null) return header.journalId
  for (let at = 0; at < chunk.length; at++) {
    const group = readGroupHeader(chunk, at)
    if (group !== null) return group.journalId
  }
  return null
}

/**
 * True when the segment's own header is sound. A damaged one costs nothing but should be reported.
 */
export async function hasSoundHeader(file: OpenFile): Promise<boolean> {
  return readSegmentHeader(await readChunk(file, 0, SEGMENT_HEADER_BYTES)) !== null
}

async function readChunk(file: OpenFile, offset: number, length: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(length)
  return bytes.subarray(0, await file.read(bytes, offset))
}
