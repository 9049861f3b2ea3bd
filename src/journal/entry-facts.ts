/**
 * What payloads say at fixed places, of many records one behind the other: taken down while a
 * record is at hand, so that who asks a batch field by field need not fetch every record from
 * memory anew.
 *
 * ./entry-codec.ts says how a payload is laid out.
 */
import type { Slice } from '../core/slice.ts'
import type { SlicedField } from '../tables/arrivals.ts'
import type { Entry } from './entry.ts'

export const HEADER_BYTES = 76
export const NULL_LENGTH = 0xffffffff
export const TIMELESS = 1
const SHA256_AT = 28

/** A payload: from `from` up to `to` of `bytes`. */
export interface Payload {
  readonly bytes: Buffer
  readonly from: number
  readonly to: number
}

const kinds = [null, 'event', 'repeat', 'unreadable', 'note'] as const
/** Of each payload: kind and flags, then where each field begins that stands behind another. */
const WORDS = 6
const places = { eventId: 1, topic: 2, conversationId: 3, body: 4 } as const
const TIMELESS_BIT = 0x100
const ABSENT_BIT = 0x100

export class EntryFacts {
  readonly #words: Uint32Array
  readonly #times: Float64Array
  readonly #room: number
  #count = 0

  constructor(room: number) {
    this.#words = new Uint32Array(room * WORDS)
    this.#times = new Float64Array(room * 2)
    this.#room = room
  }

  get isFull(): boolean {
    return this.#count === this.#room
  }

  /** The index of the payload's facts. */
  add({ bytes, from, to }: Payload): number {
    const index = this.#count++
    const at = index * WORDS
    let flags = bytes[from] ?? 0
    if (((bytes[from + 1] ?? 0) & TIMELESS) !== 0) flags |= TIMELESS_BIT
    let begin = from + HEADER_BYTES + bytes.readUInt32LE(from + 60)
    for (let place = 1; place < places.body; place++) {
      this.#words[at + place] = begin
      const length = bytes.readUInt32LE(from + 60 + 4 * place)
      if (length === NULL_LENGTH) flags |= ABSENT_BIT << place
      else begin += length
    }
    this.#words[at] = flags
    this.#words[at + places.body] = begin
    this.#words[at + places.body + 1] = to
    this.#times[2 * index] = bytes.readDoubleLE(from + 4)
    this.#times[2 * index + 1] = bytes.readDoubleLE(from + 12)
    return index
  }

  /** Null for a byte that stands for no kind. */
  kind(index: number): Entry['kind'] | null {
    return kinds[(this.#words[index * WORDS] ?? 0) & 0xff] ?? null
  }

  isTimeless(index: number): boolean {
    return ((this.#words[index * WORDS] ?? 0) & TIMELESS_BIT) !== 0
  }

  receivedAt(index: number): number {
    return this.#times[2 * index] ?? 0
  }

  eventTime(index: number): number | null {
    const eventTime = this.#times[2 * index + 1] ?? Number.NaN
    return Number.isNaN(eventTime) ? null : eventTime
  }

  /** Says in `slice` where a field of the payload stands; false for null. */
  find(index: number, { bytes, from }: Payload, sought: { field: SlicedField; slice: Slice }) {
    const { field, slice } = sought
    slice.bytes = bytes
    if (field === 'bodySha256') {
      slice.from = from + SHA256_AT
      slice.to = slice.from + 32
      return true
    }
    const at = index * WORDS
    const place = places[field]
    slice.from = this.#words[at + place] ?? 0
    slice.to = this.#words[at + place + 1] ?? 0
    return ((this.#words[at] ?? 0) & (ABSENT_BIT << place)) === 0
  }
}
