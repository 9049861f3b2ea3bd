/**
 * Reads JSON text in one pass over its bytes, and builds nothing but a list of its members.
 *
 * Guarantee: bytes are accepted exactly where JSON.parse accepts the text that they decode to, at
 * any depth of nesting, in linear time and without throwing. (Bytes that are not UTF-8 decode to
 * U+FFFD, which JSON allows inside of strings and nowhere else, as here.)
 *
 * Listed are the value itself, the members of an object, of the objects that are its members, and
 * so on, and the elements of an array that is the whole value; what stands in an array within is
 * only checked. Each is an entry of five numbers, in the order of the text, its own members right
 * behind it:
 *
 *   0  the first byte of its key, within the quotes
 *   1  the length of its key, where that is known to be plain ASCII without escapes; else -1
 *   2  the first byte of its value      3  the byte behind its value
 *   4  the next entry that is no member of its value
 */
import { closeObject, colon, comma, openArray, openObject, quote } from './ascii.ts'
import { endOfPlain, endOfString, skipSpace, skipText, type Words, wordsOf } from './json-tokens.ts'

export const ENTRY_NUMBERS = 5

/** What is no higher may be whitespace. */
const space = 0x20
/** The first bit of each byte: set in what is no ASCII. */
const BEYOND_ASCII = 0x80808080
const noBytes = new Uint8Array(0)

const FIRST_NUMBERS = 128
/** Those of some thousand members: what is read over and over holds no more than that. */
const KEPT_NUMBERS = 16 * 1024

/** The entries of one value. What is scanned into it next takes their place. */
export class Entries {
  numbers: Int32Array = new Int32Array(FIRST_NUMBERS)
  /**
   * While it is scanned: of the containers around the one in hand, closing bracket and entry by
   * turns.
   */
  around: number[] = []
  readonly #memory: Uint8Array
  readonly #view: DataView
  #bytes: Uint8Array = noBytes
  #words: Words = wordsOf(noBytes)

  /** What has room in `memory` is read there: a copy is cheaper than a view of its own. */
  constructor(memory: Uint8Array = noBytes) {
    this.#memory = memory
    this.#view = wordsOf(memory).view
  }

  /** Those of the last call, where the bytes are. */
  wordsOf(bytes: Uint8Array): Words {
    if (this.#bytes !== bytes) {
      this.#bytes = bytes
      this.#words = bytes.length > this.#memory.length ? wordsOf(bytes) : this.#copied(bytes)
    }
    return this.#words
  }

  #copied(bytes: Uint8Array): Words {
    this.#memory.set(bytes)
    return { view: this.#view, last: bytes.length - 4 }
  }

  /** To twice the room, with what it holds. */
  grow(): Int32Array {
    const larger = new Int32Array(2 * this.numbers.length)
    larger.set(this.numbers)
    this.numbers = larger
    return larger
  }

  /** Lets go of the bytes, and of what only a giant needs. */
  shrink(): void {
    this.wordsOf(noBytes)
    if (this.numbers.length > KEPT_NUMBERS) this.numbers = new Int32Array(FIRST_NUMBERS)
    if (this.around.length > KEPT_NUMBERS) this.around = []
  }
}

/** The byte behind the value that begins at `from` or behind whitespace there; -1 for none. */
export function scanJson(bytes: Uint8Array, from: number, entries: Entries): number {
  const end = bytes.length
  const { around } = entries
  const words = entries.wordsOf(bytes)
  let { numbers } = entries
  let used = 0
  let depth = 0
  /** What closes the container in hand; 0 outside of all of them. */
  let closer = 0
  /** The entry in hand, or -1 where the container in hand is not listed. */
  let entry = 0
  let at = skipSpace(bytes, from, end)
  nextItem: for (;;) {
    // At `at` begins an item of the container in hand: a member with its key, an element, or all.
    const keyAt = at + 1
    let keyLength = -1
    if (closer === closeObject) {
      if (at >= end || bytes[at] !== quote) return -1
      at = skipText(words, keyAt, BEYOND_ASCII)
      if (at < end && bytes[at] === quote) keyLength = at++ - keyAt
      else at = endOfString(bytes, at, end)
      if (at < end && bytes[at] !== colon) at = skipSpace(bytes, at, end)
      if (at >= end || bytes[at++] !== colon) return -1
      if (at < end && (bytes[at] as number) <= space) at = skipSpace(bytes, at, end)
    }
    if (at >= end) return -1
    if (entry !== -1) {
      entry = used
      used += ENTRY_NUMBERS
      if (used > numbers.length) numbers = entries.grow()
      numbers[entry] = keyAt
      numbers[entry + 1] = keyLength
      numbers[entry + 2] = at
    }
    const byte = bytes[at]
    const opens = byte === openObject || byte === openArray
    if (opens) {
      around[depth++] = closer
      around[depth++] = entry
      if (byte === openArray && closer !== 0) entry = -1
      // In ASCII a closing bracket stands two behind the one that opens.
      closer = byte + 2
      at = skipSpace(bytes, at + 1, end)
      if (at < end && bytes[at] !== closer) continue
    } else if (byte === quote) {
      at = skipText(words, at + 1, 0)
      if (at < end && bytes[at] === quote) at++
      else at = endOfString(bytes, at, end)
    } else at = endOfPlain(bytes, at, end)
    if (at === -1) return -1
    // A value ends at `at`, or a container that has just begun ends there without an item.
    for (let isWhole = !opens; ; isWhole = true) {
      if (isWhole && entry !== -1) {
        numbers[entry + 3] = at
        numbers[entry + 4] = used
      }
      if (isWhole && closer === 0) return at
      if (at < end && (bytes[at] as number) <= space) at = skipSpace(bytes, at, end)
      const next = at < end ? bytes[at++] : 0
      if (next === comma && isWhole) {
        if (at < end && (bytes[at] as number) <= space) at = skipSpace(bytes, at, end)
        continue nextItem
      }
      if (next !== closer) return -1
      entry = around[--depth] as number
      closer = around[--depth] as number
    }
  }
}
