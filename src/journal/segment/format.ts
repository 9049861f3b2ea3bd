/**
 * The on-disk format of the embedded journal, byte by byte. Little-endian throughout.
 *
 * A partition is a folder of segments, `<generation>-<first position>.seg`, ten and sixteen digits.
 * The generation counts the segments ever opened in the folder, so names sort in writing order and
 * a missing file shows as a missing number. A segment holds the positions from its own first one up
 * to the first one of the next segment: whatever stands beyond that is not part of the journal (the
 * rest of a write that failed or that a crash tore).
 *
 * A segment is its header and then groups; a group is its header and then records.
 *
 *   header of a segment, 64 bytes          header of a group, 48 bytes
 *    0   8  magic 89 'INLSEG' 0A            0   4  magic 89 'ING'
 *    8   2  format version, 1               4   4  CRC of bytes 8..47
 *   10   6  zero                            8   8  first position
 *   16  16  journal id                     16   4  count of records
 *   32   8  first position                 20   4  length of all records
 *   40   8  generation                     24  16  journal id
 *   48   8  created, ms since the epoch    40   8  written, ms since the epoch
 *   56   4  zero
 *   60   4  CRC of bytes 0..59             record, 20 bytes and the payload
 *                                           0   4  magic 89 'INR'
 *                                           4   4  CRC of bytes 8..end
 *                                           8   8  position
 *                                          16   4  length of the payload
 *                                          20   -  payload (../entry-codec.ts)
 *
 * A group is one append to the disk: written at once, synced by that, acknowledged together. The
 * header of a segment is written together with its first group, so an empty file is a valid segment
 * without groups.
 *
 * CRC is CRC-32 as in zlib. In groups and records it starts from the CRC of the journal id, which
 * no sender knows: a body that holds the bytes of a record cannot pass for one. A group header or
 * record is valid if and only if its magic and CRC are right; each is self-contained, so a reader
 * that lost its way goes on at the next valid one, and positions say what lies between (./scan.ts).
 *
 * Limits: a payload up to 256 MiB, a group up to 2^32 - 1 bytes, positions up to 2^53 - 1.
 */
import { crc32 } from 'node:zlib'

export const SEGMENT_HEADER_BYTES = 64
export const GROUP_HEADER_BYTES = 48
export const RECORD_HEADER_BYTES = 20
export const MAX_PAYLOAD_BYTES = 256 * 2 ** 20
const FORMAT_VERSION = 1
const SEGMENT_MAGIC = Buffer.from('89494e4c5345470a', 'hex')
/** What group headers and records begin with, before the byte that tells them apart. */
export const FRAME_PREFIX = Buffer.from('89494e', 'hex')
const GROUP_MAGIC = 0x474e4989
const RECORD_MAGIC = 0x524e4989

export interface SegmentHeader {
  readonly journalId: string
  readonly first: number
  readonly generation: number
  readonly createdAt: number
}

export interface GroupHeader {
  readonly journalId: string
  readonly first: number
  readonly count: number
  /** Bytes of all records, this header not included. */
  readonly length: number
  readonly writtenAt: number
}

/** The starting value of every CRC of a journal. */
export function crcSeed(journalId: string): number {
  return crc32(uuidBytes(journalId))
}

export function writeSegmentHeader(into: Buffer, at: number, header: SegmentHeader): void {
  into.fill(0, at, at + SEGMENT_HEADER_BYTES)
  SEGMENT_MAGIC.copy(into, at)
  into.writeUInt16LE(FORMAT_VERSION, at + 8)
  uuidBytes(header.journalId).copy(into, at + 16)
  writeUint64(into, header.first, at + 32)
  writeUint64(into, header.generation, at + 40)
  writeUint64(into, header.createdAt, at + 48)
  into.writeUInt32LE(crc32(into.subarray(at, at + 60)), at + 60)
}

/** Null when the header is damaged, or of another format. */
export function readSegmentHeader(bytes: Buffer): SegmentHeader | null {
  if (bytes.length < SEGMENT_HEADER_BYTES) return null
  if (!bytes.subarray(0, 8).equals(SEGMENT_MAGIC)) return null
  if (bytes.readUInt16LE(8) !== FORMAT_VERSION) return null
  if (crc32(bytes.subarray(0, 60)) !== bytes.readUInt32LE(60)) return null
  return {
    journalId: readUuid(bytes, 16),
    first: readUint64(bytes, 32),
    generation: readUint64(bytes, 40),
    createdAt: readUint64(bytes, 48),
  }
}

export function writeGroupHeader(into: Buffer, at: number, header: GroupHeader): void {
  into.writeUInt32LE(GROUP_MAGIC, at)
  writeUint64(into, header.first, at + 8)
  into.writeUInt32LE(header.count, at + 16)
  into.writeUInt32LE(header.length, at + 20)
  uuidBytes(header.journalId).copy(into, at + 24)
  writeUint64(into, header.writtenAt, at + 40)
  const crc = crc32(into.subarray(at + 8, at + GROUP_HEADER_BYTES), crcSeed(header.journalId))
  into.writeUInt32LE(crc, at + 4)
}

/** Null unless a valid group header stands at `at`. It vouches for its own journal id. */
export function readGroupHeader(bytes: Buffer, at: number): GroupHeader | null {
  if (at + GROUP_HEADER_BYTES > bytes.length || bytes.readUInt32LE(at) !== GROUP_MAGIC) return null
  const seed = crc32(bytes.subarray(at + 24, at + 40))
  const crc = crc32(bytes.subarray(at + 8, at + GROUP_HEADER_BYTES), seed)
  if (crc !== bytes.readUInt32LE(at + 4)) return null
  return {
    journalId: readUuid(bytes, at + 24),
    first: readUint64(bytes, at + 8),
    count: bytes.readUInt32LE(at + 16),
    length: bytes.readUInt32LE(at + 20),
    writtenAt: readUint64(bytes, at + 40),
  }
}

/** Completes a record whose payload already stands behind the header's place. */
export function writeRecordHeader(
  into: Buffer,
  at: number,
  record: { position: number; length: number; seed: number },
): void {
  into.writeUInt32LE(RECORD_MAGIC, at)
  writeUint64(into, record.position, at + 8)
  into.writeUInt32LE(record.length, at + 16)
  const end = at + RECORD_HEADER_BYTES + record.length
  into.writeUInt32LE(crc32(into.subarray(at + 8, end), record.seed), at + 4)
}

/** The end of a valid record at `at`, or -1. Its position: `readRecordPosition`. */
export function recordEnd(bytes: Buffer, at: number, seed: number): number {
  if (at + RECORD_HEADER_BYTES > bytes.length || bytes.readUInt32LE(at) !== RECORD_MAGIC) return -1
  const end = at + RECORD_HEADER_BYTES + bytes.readUInt32LE(at + 16)
  if (end > bytes.length) return -1
  return crc32(bytes.subarray(at + 8, end), seed) === bytes.readUInt32LE(at + 4) ? end : -1
}

export function readRecordPosition(bytes: Buffer, at: number): number {
  return readUint64(bytes, at + 8)
}

export function writeUint64(into: Buffer, value: number, at: number): void {
  into.writeUInt32LE(value % 2 ** 32, at)
  into.writeUInt32LE(Math.floor(value / 2 ** 32), at + 4)
}

export function readUint64(bytes: Buffer, at: number): number {
  return bytes.readUInt32LE(at + 4) * 2 ** 32 + bytes.readUInt32LE(at)
}

function uuidBytes(uuid: string): Buffer {
  return Buffer.from(uuid.replaceAll('-', ''), 'hex')
}

function readUuid(bytes: Buffer, at: number): string {
  const hex = bytes.toString('hex', at, at + 16)
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
}
