/**
 * What ingress remembers of events that are already durable, so that a repeated delivery costs the
 * journal a few bytes instead of its body.
 *
 * An event is remembered by the SHA-256 of its body: its id follows from its bytes, so that within
 * a scope the same bytes are the same id. The same id with other bytes is never found, as it should
 * be: ids and bytes must both be durable for a delivery to be a repetition.
 *
 * Guarantee: what is found was added. Limits: bounded, empty after a restart, and it forgets; what
 * it has forgotten is stored once more and told apart by the loader.
 */

/** Called by ingress: `find` before an append, `add` only once it is durable. */
export interface SeenCache {
  /** One namespace of ids: a source, or sources that carry one stream. At most 65,535 of them. */
  scope(name: string): SeenScope
}

export interface SeenScope {
  /**
   * The position of the event in the journal partition, or null. The hash of its body are the 32
   * bytes of `hashes` from `at` on.
   */
  find(hashes: Uint8Array, at: number): number | null
  add(hashes: Uint8Array, at: number, position: number): void
}

/**
 * One block of memory: heads of 8 bytes, four to a row, then a slot of 32 bytes for each.
 *
 *   head    0  4  second word of the SHA-256; 0 = free       4  4  position, low word
 *   slot    0  4  its first word      4 24  its other words     28  2  position, high half word
 *          30  2  scope
 *
 * The hash picks the row. In a full row the lowest position makes way: of the newest half of what
 * fits, 98 in 100 are still there. Beside two generations of Map it takes a third of the memory,
 * and nothing of it is an object that the garbage collector has to follow.
 *
 * What is looked for is seldom there: the heads of a row say so within one line of the processor's
 * cache, where whole slots would fill three. Hashes whose second word is 0 are not remembered.
 */
const WAYS = 4
const HEAD_WORDS = 2
const ROW_HEAD_WORDS = WAYS * HEAD_WORDS
const SLOT_WORDS = 8
const HASH_WORDS = 8
const ROW_BYTES = 4 * WAYS * (HEAD_WORDS + SLOT_WORDS)
const MAX_SCOPES = 2 ** 16 - 1

interface Table {
  readonly heads: Uint32Array
  readonly slots: Uint32Array
  readonly lastRow: number
}

/** `maxBytes` is rounded down to a power of two of rows. */
export function createSeenCache(options: { readonly maxBytes: number }): SeenCache {
  const rows = 2 ** Math.floor(Math.log2(Math.max(1, options.maxBytes / ROW_BYTES)))
  const table = {
    heads: new Uint32Array(rows * ROW_HEAD_WORDS),
    slots: new Uint32Array(rows * WAYS * SLOT_WORDS),
    lastRow: rows - 1,
  }
  const scopes = new Map<string, SeenScope>()
  return {
    scope(name) {
      const known = scopes.get(name)
      if (known !== undefined) return known
      if (scopes.size === MAX_SCOPES) throw new RangeError('too many scopes of event ids')
      const scope = new TableScope(table, scopes.size + 1)
      scopes.set(name, scope)
      return scope
    },
  }
}

class TableScope implements SeenScope {
  readonly #table: Table
  readonly #scope: number
  /** The hash in hand, as words. */
  readonly #hash = new Uint32Array(HASH_WORDS)

  constructor(table: Table, scope: number) {
    this.#table = table
    this.#scope = scope
  }

  find(hashes: Uint8Array, at: number): number | null {
    const place = this.#placeOf(this.#rowOf(hashes, at))
    if (place === null) return null
    const { heads, slots } = this.#table
    const high = (slots[place * SLOT_WORDS + 7] ?? 0) & 0xffff
    return high * 2 ** 32 + (heads[place * HEAD_WORDS + 1] ?? 0)
  }

  add(hashes: Uint8Array, at: number, position: number): void {
    const row = this.#rowOf(hashes, at)
    const hash = this.#hash
    if (hash[1] === 0 || this.#placeOf(row) !== null) return
    const { heads, slots } = this.#table
    const place = this.#oldestOf(row, position % 2 ** 32)
    heads[place * HEAD_WORDS] = hash[1] ?? 0
    heads[place * HEAD_WORDS + 1] = position % 2 ** 32
    const slot = place * SLOT_WORDS
    slots[slot] = hash[0] ?? 0
    for (let word = 2; word < HASH_WORDS; word++) slots[slot + word - 1] = hash[word] ?? 0
    slots[slot + 7] = Math.floor(position / 2 ** 32) | (this.#scope << 16)
  }

  /** Takes the hash in hand; the first place of the row that it picks. */
  #rowOf(hashes: Uint8Array, at: number): number {
    const hash = this.#hash
    for (let word = 0; word < HASH_WORDS; word++) hash[word] = wordAt(hashes, at + 4 * word)
    return ((hash[0] ?? 0) & this.#table.lastRow) * WAYS
  }

  /** The place of the row that holds the hash in hand, or null. */
  #placeOf(row: number): number | null {
    const { heads } = this.#table
    const tag = this.#hash[1] ?? 0
    if (tag === 0) return null
    for (let place = row; place < row + WAYS; place++) {
      if (heads[place * HEAD_WORDS] === tag && this.#holds(place * SLOT_WORDS)) return place
    }
    return null
  }

  #holds(slot: number): boolean {
    const { slots } = this.#table
    const hash = this.#hash
    if (slots[slot] !== hash[0] || (slots[slot + 7] ?? 0) >>> 16 !== this.#scope) return false
    for (let word = 2; word < HASH_WORDS; word++) {
      if (slots[slot + word - 1] !== hash[word]) return false
    }
    return true
  }

  /** A free place is older than any. Positions only increase: low words tell how long ago. */
  #oldestOf(row: number, low: number): number {
    const { heads } = this.#table
    let oldest = row
    let greatestAge = -1
    for (let place = row; place < row + WAYS; place++) {
      if (heads[place * HEAD_WORDS] === 0) return place
      const age = (low - (heads[place * HEAD_WORDS + 1] ?? 0)) >>> 0
      if (age > greatestAge) {
        greatestAge = age
        oldest = place
      }
    }
    return oldest
  }
}

function wordAt(bytes: Uint8Array, at: number): number {
  const high = ((bytes[at + 3] ?? 0) << 24) | ((bytes[at + 2] ?? 0) << 16)
  return high | ((bytes[at + 1] ?? 0) << 8) | (bytes[at] ?? 0)
}
