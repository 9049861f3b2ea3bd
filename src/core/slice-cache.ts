/**
 * What is known of some bytes, found by the bytes as they stand: making a text of them to look it
 * up in a map costs several times as much.
 *
 * Limits: it forgets. Whatever finds its slots taken takes over the first of them.
 */
import { emptySlice, type Slice } from './slice.ts'

const SLOTS = 1024
/** Slots behind one another that bytes may stand in. */
const WAYS = 4

export class SliceCache<Value> {
  readonly #keys: (DataView | undefined)[] = new Array(SLOTS).fill(undefined)
  readonly #values: (Value | undefined)[] = new Array(SLOTS).fill(undefined)
  /** Neighbouring slices mostly share their bytes. */
  #bytes = emptySlice().bytes
  #view = viewOf(this.#bytes)

  get(slice: Slice): Value | undefined {
    const slot = this.#find(slice)
    return slot < 0 ? undefined : this.#values[slot]
  }

  /** The bytes are copied. */
  set(slice: Slice, value: Value): void {
    const found = this.#find(slice)
    const slot = found < 0 ? ~found : found
    this.#keys[slot] = viewOf(Buffer.from(slice.bytes.subarray(slice.from, slice.to)))
    this.#values[slot] = value
  }

  clear(): void {
    this.#keys.fill(undefined)
    this.#values.fill(undefined)
  }

  /** The slot of the bytes; of unknown ones the complement of that where they would go. */
  #find(slice: Slice): number {
    if (slice.bytes !== this.#bytes) {
      this.#bytes = slice.bytes
      this.#view = viewOf(slice.bytes)
    }
    const first = this.#hash(slice)
    for (let way = 0; way < WAYS; way++) {
      const slot = (first + way) % SLOTS
      const key = this.#keys[slot]
      if (key === undefined) return ~slot
      if (this.#isSame(key, slice)) return slot
    }
    return ~first
  }

  /** The first slot, by FNV-1a over words of four bytes. */
  #hash({ from, to }: Slice): number {
    let hash = to - from
    let at = from
    for (; at + 4 <= to; at += 4) hash = mixed(hash, this.#view.getInt32(at))
    for (; at < to; at++) hash = mixed(hash, this.#view.getUint8(at))
    return (hash ^ (hash >>> 10) ^ (hash >>> 20)) & (SLOTS - 1)
  }

  #isSame(key: DataView, { from, to }: Slice): boolean {
    const view = this.#view
    const length = to - from
    if (key.byteLength !== length) return false
    let at = 0
    for (; at + 4 <= length; at += 4)
      if (key.getInt32(at) !== view.getInt32(from + at)) return false
    for (; at < length; at++) if (key.getUint8(at) !== view.getUint8(from + at)) return false
    return true
  }
}

function mixed(hash: number, word: number): number {
  return Math.imul(hash ^ word, 0x01000193)
}

function viewOf({ buffer, byteOffset, byteLength }: Buffer): DataView {
  return new DataView(buffer, byteOffset, byteLength)
}
