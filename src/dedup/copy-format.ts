/**
 * The files of a copy of the identity window (./window-copy.ts), byte by byte. Pure.
 *
 *   manifest := CRC-32 of the JSON as 8 hexadecimal digits, a space, JSON (`Manifest`), line feed
 *   segment  := record*
 *   record   := 0 4 "INWC"    4 4 CRC-32 of all that follows    8 4 bytes of the head
 *               12 4 rows     16 head, JSON (`RecordHead`) filled up with spaces to a multiple of 4
 *               rows of 32 bytes, as identity-table.ts has them
 *
 * Little-endian. A record is valid if and only if it is whole and its CRC holds. Records of a
 * segment without a head are part of what its manifest stands for; one with a head says for what
 * the copy stands once its rows are in it.
 */
import { crc32 } from 'node:zlib'
import { ROW_WORDS } from './identity-table.ts'
import type { WindowPlace } from './identity-window.ts'

const MAGIC = Buffer.from('INWC')
const HEAD_AT = 16
const ROW_BYTES = 4 * ROW_WORDS

/** What a copy stands for: a version of a table, and how far its applications had come. */
export interface CopyPoint {
  readonly version: number
  /** Tells the commit of that version from any other. */
  readonly commit: string
  readonly txns: Readonly<Record<string, number>>
}

/** Of the applications only those that moved. */
export interface RecordHead extends CopyPoint {
  /** Partitions that the copy did not know yet, in the order of their numbers. */
  readonly places: readonly WindowPlace[]
}

export interface SealedSegment {
  readonly name: string
  readonly bytes: number
  /** The latest time of receipt in it, milliseconds. */
  readonly newest: number
}

export interface Manifest {
  /** What it is a copy of; one of anything else is of no use. */
  readonly of: string
  readonly point: CopyPoint
  /** In the order of their numbers. */
  readonly places: readonly WindowPlace[]
  /** Milliseconds since the epoch; null while nothing was let go. */
  readonly coversSince: number | null
  readonly sizes: readonly (readonly [from: number, keys: number])[]
  /** In the order in which they were written. */
  readonly sealed: readonly SealedSegment[]
  /** The name of the segment that is written to. */
  readonly tail: string
}

export function encodeManifest(manifest: Manifest): string {
  const text = JSON.stringify(manifest)
  return `${crc32(text).toString(16).padStart(8, '0')} ${text}\n`
}

/** Null for one that is damaged. */
export function parseManifest(text: string): Manifest | null {
  const json = text.slice(9, -1)
  const crc = crc32(json).toString(16).padStart(8, '0')
  return text === `${crc} ${json}\n` ? (JSON.parse(json) as Manifest) : null
}

export interface CopyRecord {
  readonly head: RecordHead | null
  /** Words, whole rows one behind the other. */
  readonly rows: Uint32Array
}

/** In two parts, of which the second is the memory of the rows. */
export function encodeRecord({ head, rows }: CopyRecord): [Buffer, Buffer] {
  const text = head === null ? '' : JSON.stringify(head)
  const length = 4 * Math.ceil(Buffer.byteLength(text) / 4)
  const front = Buffer.alloc(HEAD_AT + length, ' ')
  MAGIC.copy(front)
  front.writeUInt32LE(length, 8)
  front.writeUInt32LE(rows.length / ROW_WORDS, 12)
  front.write(text, HEAD_AT)
  const back = Buffer.from(rows.buffer, rows.byteOffset, rows.byteLength)
  front.writeUInt32LE(crc32(back, crc32(front.subarray(8))), 4)
  return [front, back]
}

/** The valid records that the bytes begin with, each with where it ends. */
export function* recordsOf(bytes: Buffer): Generator<CopyRecord & { readonly end: number }> {
  let at = 0
  for (;;) {
    const record = recordAt(bytes, at)
    if (record === null) return
    yield record
    at = record.end
  }
}

function recordAt(bytes: Buffer, at: number) {
  const rowsAt = at + HEAD_AT
  if (rowsAt > bytes.length || !bytes.subarray(at, at + 4).equals(MAGIC)) return null
  const headBytes = bytes.readUInt32LE(at + 8)
  const rowBytes = ROW_BYTES * bytes.readUInt32LE(at + 12)
  const end = rowsAt + headBytes + rowBytes
  if (headBytes % 4 !== 0 || end > bytes.length) return null
  if (crc32(bytes.subarray(at + 8, end)) !== bytes.readUInt32LE(at + 4)) return null
  const text = bytes.toString('utf8', rowsAt, rowsAt + headBytes)
  const rows = wordsOf(bytes.subarray(end - rowBytes, end))
  return { head: text === '' ? null : (JSON.parse(text) as RecordHead), rows, end }
}

/** Where they stand, unless that is between two words. */
function wordsOf(bytes: Buffer): Uint32Array {
  const { buffer, byteOffset, length } = bytes
  if (byteOffset % 4 === 0) return new Uint32Array(buffer, byteOffset, length / 4)
  return new Uint32Array(Uint8Array.from(bytes).buffer)
}
