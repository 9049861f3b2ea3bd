/**
 * Reads JSON text in one pass over its bytes, and builds nothing but a list of its members.
 *
 * Guarantee: bytes are accepted exactly where JSON.parse accepts the text that they decode to, at
 * any depth of nesting, in linear time and without throwing. (Bytes that are not UTF-8 decode to
 * U+FFFD, which JSON allows inside of strings and nowhere else, as here.)
 *
 * Listed are the members of an object, of the objects that are its members, and so on, and the
 * elements of an array that is the whole text; what stands in an array within is only checked. Each
 * is an entry of five numbers, in the order of the text, its own members right behind it:
 *
 *   0  the first byte of its key, within the quotes
 *   1  the length of its key; -1 where it is not plain ASCII, or has escapes, or for an element
 *   2  the first byte of its value      3  the byte behind its value
 *   4  the next entry that is no member of its value
 */
import { closeObject, colon, comma, openArray, openObject, quote } from './ascii.ts'
import { endOfAscii, endOfScalar, endOfString, skipSpace } from './json-tokens.ts'

export const ENTRY_NUMBERS = 5

/** The entries of the text from `from` to the end of `bytes`; null where it is not JSON. */
export function scanJson(bytes: Uint8Array, from: number): number[] | null {
  const end = bytes.length
  const entries: number[] = []
  /** Of the containers around the one in hand: closing bracket and entry, by turns. */
  const around: number[] = []
  /** What closes the container in hand; 0 outside of all of them. */
  let closer = 0
  /** The entry in hand, or -1 where the container in hand is not listed. */
  let entry = 0
  let at = skipSpace(bytes, from, end)
  nextValue: for (;;) {
    // An item of the container in hand begins at `at`: a member with its key, an element, or all.
    const keyAt = at + 1
    let keyLength = -1
    if (closer === closeObject) {
      if (at >= end || bytes[at] !== quote) return null
      const asciiEnd = endOfAscii(bytes, keyAt, end)
      const isAscii = asciiEnd < end && bytes[asciiEnd] === quote
      if (isAscii) keyLength = asciiEnd - keyAt
      const keyEnd = isAscii ? asciiEnd + 1 : endOfString(bytes, asciiEnd, end)
      at = startOfValue(bytes, keyEnd, end)
      if (at === -1) return null
    }
    if (entry >= 0 && closer !== 0) {
      entry = entries.length
      entries.push(keyAt, keyLength, at, -1, -1)
    }
    const byte = at < end ? bytes[at] : 0
    const opens = byte === openObject || byte === openArray
    if (opens) {
      around.push(closer, entry)
      if (closer !== 0 && (byte === openArray || entry < 0)) entry = -1
      // In ASCII a closing bracket stands two behind the one that opens.
      closer = byte + 2
      at = skipSpace(bytes, at + 1, end)
      if (at < end && bytes[at] !== closer) continue
    } else {
      at = endOfScalar(bytes, at, end)
      if (at === -1) return null
    }
    // A value ends at `at`, or a container that has just begun ends there without an item.
    for (let isWhole = !opens; closer !== 0; isWhole = true) {
      if (isWhole && entry >= 0) {
        entries[entry + 3] = at
        entries[entry + 4] = entries.length
      }
      at = skipSpace(bytes, at, end)
      if (at >= end) return null
      const next = bytes[at++]
      if (next === comma && isWhole) {
        at = skipSpace(bytes, at, end)
        continue nextValue
      }
      if (next !== closer) return null
      entry = around.pop() ?? 0
      closer = around.pop() ?? 0
    }
    return skipSpace(bytes, at, end) === end ? entries : null
  }
}

/** Behind the colon that follows the key which ends at `keyEnd`; -1 where either is none. */
function startOfValue(bytes: Uint8Array, keyEnd: number, end: number): number {
  if (keyEnd === -1) return -1
  const colonAt = skipSpace(bytes, keyEnd, end)
  return colonAt < end && bytes[colonAt] === colon ? skipSpace(bytes, colonAt + 1, end) : -1
}
