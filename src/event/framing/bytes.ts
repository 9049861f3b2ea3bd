/**
 * Where things end in a body, byte by byte: iterative, one look at each byte, no memory.
 *
 * It counts brackets and skips strings; JSON.parse then judges what lies between. A raw newline ends a
 * string, as JSON has none inside one: an unclosed quote thus costs its line and not the rest.
 */

const quote = 0x22
const comma = 0x2c
const openArray = 0x5b
const backslash = 0x5c
const closeArray = 0x5d
const openObject = 0x7b
const closeObject = 0x7d
const newline = 0x0a
const byteOrderMark = Buffer.from([0xef, 0xbb, 0xbf])

export function opensValue(byte: number | undefined): boolean {
  return byte === openObject || byte === openArray
}

export function opensArray(byte: number | undefined): boolean {
  return byte === openArray
}

export function closesArray(byte: number | undefined): boolean {
  return byte === closeArray
}

/** The first byte from `at` that is no whitespace, comma or byte order mark; the length for none. */
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
