/**
 * Where the tokens of JSON text end, byte by byte. What is no such token ends at -1.
 *
 * Everything reads `bytes` below `end` alone.
 */
import { backslash, newline, quote } from './ascii.ts'

const minus = 0x2d
const plus = 0x2b
const point = 0x2e
const zero = 0x30

export function skipSpace(bytes: Uint8Array, from: number, end: number): number {
  let at = from
  while (at < end && isSpace(bytes[at])) at++
  return at
}

export function isSpace(byte: number | undefined): boolean {
  return byte === 0x20 || byte === newline || byte === 0x0d || byte === 0x09
}

/** The end of the string, number, true, false or null that begins at `at`. */
export function endOfScalar(bytes: Uint8Array, at: number, end: number): number {
  if (at >= end) return -1
  return bytes[at] === quote ? endOfString(bytes, at + 1, end) : endOfPlain(bytes, at, end)
}

/** The end of the number, true, false or null that begins at `at`, which is below `end`. */
export function endOfPlain(bytes: Uint8Array, at: number, end: number): number {
  const first = bytes[at]
  const isNumber = first === minus || isDigit(first)
  return isNumber ? endOfNumber(bytes, at, end) : endOfWord(bytes, at, end)
}

/** What ends a run of text in a string: a quote, a backslash and control characters. */
const isSpecial = new Uint8Array(256).fill(1, 0, 0x20)
isSpecial[quote] = 1
isSpecial[backslash] = 1

/** A quote, a backslash, a space and 1 in each byte of a word. */
const quotes = 0x22222222
const backslashes = 0x5c5c5c5c
const spaces = 0x20202020
const ones = 0x01010101
const highBits = 0x80808080

/** Bytes that are read four at a time. */
export interface Words {
  readonly view: DataView
  /** Where the last four of them begin: to ask the view costs as much as a word does. */
  readonly last: number
}

export function wordsOf({ buffer, byteOffset, length }: Uint8Array): Words {
  return { view: new DataView(buffer, byteOffset, length), last: length - 4 }
}

/**
 * The first byte from `from` on, four at a time, that ends a run of text or has one of the bits
 * `also`. Where the last four bytes are reached before, `from`: whoever goes on looks at each.
 *
 * A byte is zero where taking 1 from it borrows and it has no high bit of its own; it is below a
 * space where taking that borrows. A borrow may spoil the bytes above it, which does not matter:
 * the lowest is the first in the text, and it is right.
 */
export function skipText({ view, last }: Words, from: number, also: number): number {
  for (let at = from; at <= last; at += 4) {
    const word = view.getInt32(at, true)
    const noQuotes = word ^ quotes
    const noBackslashes = word ^ backslashes
    const ends =
      ((noQuotes - ones) & ~noQuotes) |
      ((noBackslashes - ones) & ~noBackslashes) |
      ((word - spaces) & ~word)
    const found = (ends & highBits) | (word & also)
    if (found !== 0) return at + ((31 - Math.clz32(found & -found)) >> 3)
  }
  return from
}

/** Behind the closing quote of the string whose first byte is at `from`. */
export function endOfString(bytes: Uint8Array, from: number, end: number): number {
  let at = from
  for (;;) {
    while (at < end && isSpecial[bytes[at] as number] === 0) at++
    if (at >= end) return -1
    if (bytes[at] === quote) return at + 1
    at = endOfEscape(bytes, at, end)
    if (at === -1) return -1
  }
}

function endOfEscape(bytes: Uint8Array, at: number, end: number): number {
  if (bytes[at] !== backslash || at + 1 >= end) return -1
  const letter = String.fromCharCode(bytes[at + 1] ?? 0)
  if ('"\\/bfnrt'.includes(letter)) return at + 2
  if (letter !== 'u' || at + 6 > end) return -1
  for (let digit = at + 2; digit < at + 6; digit++) if (!isHex(bytes[digit])) return -1
  return at + 6
}

function endOfNumber(bytes: Uint8Array, from: number, end: number): number {
  const first = bytes[from] === minus ? from + 1 : from
  let at = first < end && bytes[first] === zero ? first + 1 : endOfDigits(bytes, first, end)
  if (at !== -1 && at < end && bytes[at] === point) at = endOfDigits(bytes, at + 1, end)
  if (at === -1 || at >= end || (bytes[at] !== 0x65 && bytes[at] !== 0x45)) return at
  const sign = at + 1 < end ? bytes[at + 1] : 0
  return endOfDigits(bytes, sign === plus || sign === minus ? at + 2 : at + 1, end)
}

/** At least one digit. */
function endOfDigits(bytes: Uint8Array, from: number, end: number): number {
  let at = from
  while (at < end && isDigit(bytes[at])) at++
  return at === from ? -1 : at
}

const words = ['true', 'false', 'null'] as const

function endOfWord(bytes: Uint8Array, at: number, end: number): number {
  const word = words.find((one) => one.charCodeAt(0) === bytes[at])
  if (word === undefined || at + word.length > end) return -1
  for (let place = 1; place < word.length; place++)
    if (bytes[at + place] !== word.charCodeAt(place)) return -1
  return at + word.length
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= zero && byte <= 0x39
}

function isHex(byte: number | undefined): boolean {
  if (byte === undefined) return false
  return isDigit(byte) || (byte >= 0x41 && byte <= 0x46) || (byte >= 0x61 && byte <= 0x66)
}
