/**
 * Where things end in a body, byte by byte: iterative, one look at each byte, no memory.
 *
 * It counts brackets and skips strings; ../json-scan.ts then judges what lies between. A raw
 * newline ends a string, as JSON has none inside one: an unclosed quote thus costs its line and not
 * the rest.
 */

import {
  backslash,
  closeArray,
  closeObject,
  comma,
  newline,
  openArray,
  openObject,
  quote,
} from '../ascii.ts'

const byteOrderMark = Buffer.from([0xef, 0xbb, 0xbf])

export function opensValue(byte: number | undefined): boolean {
  return byte === openObject || byte === openArray
}

/** True where the line ends after a value, or goes on with one that opens. */
export function endsOrOpensValue(bytes: Buffer, at: number): boolean {
  let next = at
  while (bytes[next] !== newline && isSeparator(bytes[next])) next++
  return next >= bytes.length || bytes[next] === newline || opensValue(bytes[next])
}

/** True for whitespace and byte order marks alone. */
export function isBlank(bytes: Buffer): boolean {
  return skipSeparators(bytes, 0) === bytes.length && !bytes.includes(comma)
}

/**
 * The first byte from `at` that is no whitespace, comma or byte order mark; the length for none.
 */
export function skipSeparators(bytes: Buffer, at: number): number {
  let next = at
  while (next < bytes.length) {
    if (isSeparator(bytes[next])) next++
    else if (isByteOrderMark(bytes, next)) next += byteOrderMark.length
    else break
  }
  return next
}

/** `[from, to)` without the whitespace and commas at its end. */
export function trimmed(bytes: Buffer, from: number, to: number): Buffer {
  let end = to
  while (end > from && isSeparator(bytes[end - 1])) end--
  return bytes.subarray(from, end)
}

function isSeparator(byte: number | undefined): boolean {
  return byte === 0x20 || byte === newline || byte === 0x0d || byte === 0x09 || byte === comma
}

function isByteOrderMark(bytes: Buffer, at: number): boolean {
  return bytes[at] === 0xef && byteOrderMark.equals(bytes.subarray(at, at + byteOrderMark.length))
}

/** The newline that ends the line of `at`, or the length. */
export function endOfLine(bytes: Buffer, at: number): number {
  const found = bytes.indexOf(newline, at)
  return found === -1 ? bytes.length : found
}

/** The comma or closing bracket that ends the array element at `at`, or -1 when none does. */
export function endOfElement(bytes: Buffer, at: number): number {
  const { length } = bytes
  let depth = 0
  for (let next = at; next < length; next++) {
    const byte = bytes[next]
    if (byte === quote) next = endOfString(bytes, next)
    else if (byte === openObject || byte === openArray) depth++
    else if (depth > 0) {
      if (byte === closeObject || byte === closeArray) depth--
    } else if (byte === comma || byte === closeArray) return next
  }
  return -1
}

/** The byte after the bracket that closes the one at `at`, or -1 when none does before `limit`. */
export function endOfValue(bytes: Buffer, at: number, limit: number): number {
  let depth = 0
  for (let next = at; next < limit; next++) {
    const byte = bytes[next]
    if (byte === quote) next = endOfString(bytes, next)
    else if (byte === openObject || byte === openArray) depth++
    else if ((byte === closeObject || byte === closeArray) && --depth === 0) return next + 1
  }
  return -1
}

/** The last byte of the string that begins at `at`: its quote, or what stands before a newline. */
function endOfString(bytes: Buffer, at: number): number {
  const { length } = bytes
  for (let next = at + 1; next < length; next++) {
    const byte = bytes[next]
    if (byte === quote) return next
    if (byte === newline) return next - 1
    if (byte === backslash) next++
  }
  return length
}
