/**
 * A hash table of identities in one block of memory: 32 bytes a key, open addressing, no objects.
 *
 *   0 12  key (three words)      12  8  body hash (two words)      20  4  received at, s 24  4
 *   position, low word     28  2  position, high half word   30  2  partition + 1; 0 = free
 *
 * Keys are spread evenly (they are hashes), so the first word picks the slot. It doubles at 70 %
 * full; `bytes` counts what it takes, and for a moment of doubling half as much again.
 *
 * A row is a key with its value outside of a table: the eight words of its slot.
 */
import type { IdentityKey } from './identity-key.ts'

export interface Remembered {
  /** The first eight bytes of the SHA-256 of the body, as two words. */
  readonly bodyHash: readonly [number, number]
  /** Milliseconds, rounded down to a second. */
  readonly receivedAt: number
  readonly position: number
  /** Index of the partition; see IdentityWindow. */
  readonly partition: number
}

export const ROW_WORDS = 8
const SLOT_BYTES = 4 * ROW_WORDS
const FULLEST = 0.7
const SMALLEST_SLOTS = 1024
/** What a key takes at most in a table that has just doubled, about. */
export const BYTES_A_KEY = (2 * SLOT_BYTES) / FULLEST
export const MAX_PARTITIONS = 2 ** 16 - 1

export class IdentityTable {
  #words: Uint32Array
  #mask: number
  #size = 0
  readonly #row = new Uint32Array(ROW_WORDS)

  /** What a table with room for `keys` takes. */
  static bytesFor(keys: number): number {
    return slotsFor(keys) * SLOT_BYTES
  }

  /** With room for `keys` before it grows. */
  constructor(keys = 0) {
    const slots = slotsFor(keys)
    this.#words = new Uint32Array(slots * ROW_WORDS)
    this.#mask = slots - 1
  }

  get size(): number {
    return this.#size
  }

  get bytes(): number {
    return (this.#mask + 1) * SLOT_BYTES
  }

  /** True when one more key makes it double. */
  get full(): boolean {
    return this.#size + 1 > (this.#mask + 1) * FULLEST
  }

  get(key: IdentityKey): Remembered | null {
    const at = this.#find(...key)
    return (this.#words[at + 7] ?? 0) >>> 16 === 0 ? null : valueAt(this.#words, at)
  }

  /** Whether it holds the key of the row that begins at word `from` of `rows`. */
  has(rows: Uint32Array, from: number): boolean {
    const at = this.#find(rows[from] ?? 0, rows[from + 1] ?? 0, rows[from + 2] ?? 0)
    return (this.#words[at + 7] ?? 0) >>> 16 !== 0
  }

  set(key: IdentityKey, value: Remembered): void {
    packRow(this.#row, 0, { key, value })
    this.setRow(this.#row, 0)
  }

  /** The row that begins at word `from` of `rows`. */
  setRow(rows: Uint32Array, from: number): void {
    if (this.full) this.#double()
    this.#put(rows, from)
  }

  /**
   * Looks at the slots of the rows between two words of `rows`, so that they are at hand when those
   * are set: one at a time, each would wait for memory by itself. The sum only keeps the looks from
   * being left out.
   */
  touch(rows: Uint32Array, from: number, to: number): number {
    const words = this.#words
    let sum = 0
    for (let at = from; at < to; at += ROW_WORDS)
      sum |= words[((rows[at] ?? 0) & this.#mask) * ROW_WORDS] ?? 0
    return sum
  }

  #put(rows: Uint32Array, from: number): void {
    const words = this.#words
    const at = this.#find(rows[from] ?? 0, rows[from + 1] ?? 0, rows[from + 2] ?? 0)
    if ((words[at + 7] ?? 0) >>> 16 === 0) this.#size++
    for (let word = 0; word < ROW_WORDS; word++) words[at + word] = rows[from + word] ?? 0
  }

  /** Where the key is, or the free slot where it would go. */
  #find(first: number, second: number, third: number): number {
    const words = this.#words
    for (let slot = first & this.#mask; ; slot = (slot + 1) & this.#mask) {
      const at = slot * ROW_WORDS
      const free = (words[at + 7] ?? 0) >>> 16 === 0
      const same = words[at] === first && words[at + 1] === second && words[at + 2] === third
      if (free || same) return at
    }
  }

  #double(): void {
    const old = this.#words
    const slots = 2 * (this.#mask + 1)
    this.#words = new Uint32Array(slots * ROW_WORDS)
    this.#mask = slots - 1
    this.#size = 0
    for (let from = 0; from < old.length; from += ROW_WORDS)
      if ((old[from + 7] ?? 0) >>> 16 !== 0) this.#put(old, from)
  }
}

/** Puts a key with its value at word `at` of `rows`. */
export function packRow(
  rows: Uint32Array,
  at: number,
  { key, value }: { readonly key: IdentityKey; readonly value: Remembered },
): void {
  rows[at] = key[0]
  rows[at + 1] = key[1]
  rows[at + 2] = key[2]
  packValue(rows, at, value)
}

/** The same where the key stands already. */
export function packValue(rows: Uint32Array, at: number, value: Remembered): void {
  rows[at + 3] = value.bodyHash[0]
  rows[at + 4] = value.bodyHash[1]
  rows[at + 5] = Math.floor(value.receivedAt / 1000)
  rows[at + 6] = value.position >>> 0
  rows[at + 7] = Math.floor(value.position / 2 ** 32) | ((value.partition + 1) << 16)
}

/** The key at word `at` of `rows`. */
export function keyAt(rows: Uint32Array, at: number): IdentityKey {
  return [rows[at] ?? 0, rows[at + 1] ?? 0, rows[at + 2] ?? 0]
}

/** The value at word `at` of `rows`. */
export function valueAt(rows: Uint32Array, at: number): Remembered {
  const last = rows[at + 7] ?? 0
  return {
    bodyHash: [rows[at + 3] ?? 0, rows[at + 4] ?? 0],
    receivedAt: (rows[at + 5] ?? 0) * 1000,
    position: (last & 0xffff) * 2 ** 32 + (rows[at + 6] ?? 0),
    partition: (last >>> 16) - 1,
  }
}

function slotsFor(keys: number): number {
  return 2 ** Math.ceil(Math.log2(Math.max(SMALLEST_SLOTS, (keys + 1) / FULLEST)))
}
