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
  /** The position of the event with these bytes in the journal partition, or null. */
  find(bodySha256: Uint8Array): number | null
  add(bodySha256: Uint8Array, position: number): void
}

/**
 * One block of memory, slots of 40 bytes, four to a row:
 *
 *   0 32  SHA-256     32  4  position, low word     36  2  its high half word     38  2  scope; 0 =
 *   free
 *
 * The hash picks the row. In a full row the lowest position makes way: of the newest half of what
 * fits, 98 in 100 are still there. Beside two generations of Map it takes a third of the memory,
 * and nothing of it is an object that the garbage collector has to follow.
 */
const SLOT_WORDS = 10
const HASH_WORDS = 8
const WAYS = 4
const ROW_WORDS = WAYS * SLOT_WORDS
const MAX_SCOPES = 2 ** 16 - 1

/** `maxBytes` is rounded down to a power of two of rows. */
export function createSeenCache(options: { readonly maxBytes: number }): SeenCache {
  const rows = 2 ** Math.floor(Math.log2(Math.max(1, options.maxBytes / (4 * ROW_WORDS))))
  const words = new Uint32Array(rows * ROW_WORDS)
  const scopes = new Map<string, SeenScope>()
  return {
    scope(name) {
      const known = scopes.get(name)
      if (known !== undefined) return known
      if (scopes.size === MAX_SCOPES) throw new RangeError('too many scopes of event ids')
      const scope = new TableScope(words, scopes.size + 1)
      scopes.set(name, scope)
      return scope
    },
  }
}

class TableScope implements SeenScope {
  readonly #words: Uint32Array
  readonly #scope: number
  readonly #lastRow: number
  /** The hash in hand, as words. */
  readonly #hash = new Uint32Array(HASH_WORDS)
  readonly #hashBytes = new Uint8Array(this.#hash.buffer)

  constructor(words: Uint32Array, scope: number) {
    this.#words = words
    this.#scope = scope
    this.#lastRow = words.length / ROW_WORDS - 1
  }

  find(bodySha256: Uint8Array): number | null {
    const row = this.#rowOf(bodySha256)
    for (let at = row; at < row + ROW_WORDS; at += SLOT_WORDS) {
      if (this.#holds(at)) return this.#positionAt(at)
    }
    return null
  }

  add(bodySha256: Uint8Array, position: number): void {
    const row = this.#rowOf(bodySha256)
    let oldest = row
    for (let at = row; at < row + ROW_WORDS; at += SLOT_WORDS) {
      if (this.#holds(at)) return
      if (this.#ageAt(at) < this.#ageAt(oldest)) oldest = at
    }
    const words = this.#words
    words.set(this.#hash, oldest)
    words[oldest + 8] = position % 2 ** 32
    words[oldest + 9] = Math.floor(position / 2 ** 32) | (this.#scope << 16)
  }

  /** Takes the hash in hand; the offset of the row that it picks. */
  #rowOf(bodySha256: Uint8Array): number {
    this.#hashBytes.set(bodySha256)
    return ((this.#hash[0] ?? 0) & this.#lastRow) * ROW_WORDS
  }

  #holds(at: number): boolean {
    const words = this.#words
    const hash = this.#hash
    if ((words[at + 9] ?? 0) >>> 16 !== this.#scope) return false
    for (let word = 0; word < HASH_WORDS; word++) {
      if (words[at + word] !== hash[word]) return false
    }
    return true
  }

  /** A free slot is older than any position. */
  #ageAt(at: number): number {
    return (this.#words[at + 9] ?? 0) >>> 16 === 0 ? -1 : this.#positionAt(at)
  }

  #positionAt(at: number): number {
    return ((this.#words[at + 9] ?? 0) & 0xffff) * 2 ** 32 + (this.#words[at + 8] ?? 0)
  }
}
