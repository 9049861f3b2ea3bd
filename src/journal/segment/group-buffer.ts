/**
 * The group that is being gathered while the one before it is on its way to the disk: entries are
 * encoded as they come, so that a flush is one write of one buffer.
 */
import type { Entry } from '../entry.ts'
import { type EntryEncoder, payloadBound, writePayload } from '../entry-codec.ts'
import {
  GROUP_HEADER_BYTES,
  RECORD_HEADER_BYTES,
  SEGMENT_HEADER_BYTES,
  type SegmentHeader,
  writeGroupHeader,
  writeRecordHeader,
  writeSegmentHeader,
} from './format.ts'

const INITIAL_BYTES = 256 * 1024
const KEPT_BYTES = 8 * 2 ** 20
/** Room for a segment header is always left in front, used by the first group of a segment. */
const RECORDS_AT = SEGMENT_HEADER_BYTES + GROUP_HEADER_BYTES

export class GroupBuffer {
  #buffer: Buffer = Buffer.allocUnsafe(INITIAL_BYTES)
  readonly #encoder: EntryEncoder
  #end = RECORDS_AT
  #count = 0

  constructor(encoder: EntryEncoder) {
    this.#encoder = encoder
  }

  get count(): number {
    return this.#count
  }

  /** Bytes that a flush will write, without a segment header. */
  get bytes(): number {
    return this.#end - SEGMENT_HEADER_BYTES
  }

  add(entry: Entry): void {
    const encoded = this.#encoder.encode(entry)
    this.#reserve(RECORD_HEADER_BYTES + payloadBound(encoded))
    const at = this.#end
    const end = writePayload(this.#buffer, at + RECORD_HEADER_BYTES, encoded)
    this.#buffer.writeUInt32LE(end - at - RECORD_HEADER_BYTES, at + 16)
    this.#end = end
    this.#count++
  }

  /** Fills in positions and checksums; the bytes to write, valid until the next `clear`. */
  seal(place: {
    journalId: string
    seed: number
    first: number
    now: number
    segment: SegmentHeader | null
  }): Buffer {
    const buffer = this.#buffer
    let position = place.first
    for (let at = RECORDS_AT; at < this.#end; position++) {
      const length = buffer.readUInt32LE(at + 16)
      writeRecordHeader(buffer, at, { position, length, seed: place.seed })
      at += RECORD_HEADER_BYTES + length
    }
    writeGroupHeader(buffer, SEGMENT_HEADER_BYTES, {
      journalId: place.journalId,
      first: place.first,
      count: this.#count,
      length: this.#end - RECORDS_AT,
      writtenAt: place.now,
    })
    if (place.segment === null) return buffer.subarray(SEGMENT_HEADER_BYTES, this.#end)
    writeSegmentHeader(buffer, 0, place.segment)
    return buffer.subarray(0, this.#end)
  }

  clear(): void {
    this.#end = RECORDS_AT
    this.#count = 0
    if (this.#buffer.length > KEPT_BYTES) this.#buffer = Buffer.allocUnsafe(INITIAL_BYTES)
  }

  #reserve(bytes: number): void {
    if (this.#end + bytes <= this.#buffer.length) return
    const larger = Buffer.allocUnsafe(Math.max(2 * this.#buffer.length, this.#end + bytes))
    this.#buffer.copy(larger, 0, 0, this.#end)
    this.#buffer = larger
  }
}
