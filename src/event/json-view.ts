/**
 * JSON that is looked at where it stands: checked as a whole, and decoded only where it is asked
 * for. Of an event of a kilobyte, five members are; building all of it costs more than everything
 * else that is done with it.
 *
 * Guarantee: what is found is what JSON.parse would have put there: of a repeated key the last
 * value counts, a key may be written with escapes, and `__proto__` is a key like any other.
 *
 * Limits: a view holds on to the bytes. An array is read again when somebody asks for its elements.
 */
import { backslash, openArray, openObject, quote } from './ascii.ts'
import { ENTRY_NUMBERS, Entries, scanJson } from './json-scan.ts'
import { endOfString, skipSpace } from './json-tokens.ts'

export type JsonView = null | boolean | number | string | ObjectView | ArrayView

/** Undefined where the bytes are not JSON, without throwing. A byte order mark is no part of it. */
export function viewJson(bytes: Buffer): JsonView | undefined {
  const entries = new Entries()
  return scanWhole(bytes, entries) ? viewOf(bytes, entries) : undefined
}

/** True where the bytes are one JSON value, which is then in `entries`. */
export function scanWhole(bytes: Buffer, entries: Entries): boolean {
  const end = scanJson(bytes, startOf(bytes), entries)
  return end !== -1 && skipSpace(bytes, end, bytes.length) === bytes.length
}

/** Behind a byte order mark. */
export function startOf(bytes: Buffer): number {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0
}

/** What was scanned last into `entries`, which shows it until they take something else. */
export function viewOf(bytes: Buffer, entries: Entries): JsonView {
  return viewAt(bytes, entries.numbers, 0)
}

export class ObjectView {
  readonly #bytes: Buffer
  readonly #numbers: Int32Array
  readonly #entry: number

  constructor(bytes: Buffer, numbers: Int32Array, entry: number) {
    this.#bytes = bytes
    this.#numbers = numbers
    this.#entry = entry
  }

  has(name: string): boolean {
    return this.#find(name) !== -1
  }

  /** Undefined where there is none. */
  member(name: string): JsonView | undefined {
    const entry = this.#find(name)
    return entry === -1 ? undefined : viewAt(this.#bytes, this.#numbers, entry)
  }

  #find(name: string): number {
    const bytes = this.#bytes
    const numbers = this.#numbers
    const last = numbers[this.#entry + 4] as number
    let found = -1
    for (let entry = this.#entry + ENTRY_NUMBERS; entry < last; ) {
      const at = numbers[entry] as number
      const length = numbers[entry + 1] as number
      if (
        length === name.length
          ? isAsciiKey(bytes, at, name)
          : length === -1 && isKey(bytes, at, name)
      )
        found = entry
      entry = numbers[entry + 4] as number
    }
    return found
  }
}

export class ArrayView {
  readonly #bytes: Buffer

  /** `bytes` are the array alone. */
  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  /** Each with its bytes. */
  *elements(): Generator<{ readonly slice: Buffer; readonly value: JsonView }> {
    const bytes = this.#bytes
    const entries = new Entries()
    scanJson(bytes, 0, entries)
    const { numbers } = entries
    const last = numbers[4] as number
    for (let entry = ENTRY_NUMBERS; entry < last; entry = numbers[entry + 4] as number) {
      const slice = bytes.subarray(numbers[entry + 2], numbers[entry + 3])
      yield { slice, value: viewAt(bytes, numbers, entry) }
    }
  }
}

function viewAt(bytes: Buffer, numbers: Int32Array, entry: number): JsonView {
  const at = numbers[entry + 2] as number
  const end = numbers[entry + 3] as number
  const byte = bytes[at]
  if (byte === quote) return textOf(bytes, at + 1, end - 1)
  if (byte === openObject) return new ObjectView(bytes, numbers, entry)
  if (byte === openArray) return new ArrayView(bytes.subarray(at, end))
  return wholeNumber(bytes, at, end) ?? JSON.parse(bytes.toString('latin1', at, end))
}

/** Times are mostly written so; null for what is anything else, or has more digits. */
function wholeNumber(bytes: Buffer, from: number, to: number): number | null {
  if (to - from > 15) return null
  let value = 0
  for (let at = from; at < to; at++) {
    const digit = (bytes[at] as number) - 0x30
    if (digit < 0 || digit > 9) return null
    value = 10 * value + digit
  }
  return value
}

function textOf(bytes: Buffer, from: number, to: number): string {
  // UTF-8, which costs a fifth less where it is not named.
  const text = bytes.toString(undefined, from, to)
  return text.includes('\\') ? JSON.parse(`"${text}"`) : text
}

/** For a key of plain ASCII that is as long as the name. */
function isAsciiKey(bytes: Buffer, at: number, name: string): boolean {
  for (let place = 0; place < name.length; place++) {
    if (bytes[at + place] !== name.charCodeAt(place)) return false
  }
  return true
}

/**
 * Whether the key at `at` is `name`. Without decoding each key: a text may have a hundred thousand
 * of them, all written with escapes, and is asked for some forty names.
 */
function isKey(bytes: Buffer, at: number, name: string): boolean {
  let next = at
  for (let place = 0; place < name.length; place++) {
    const byte = bytes[next] ?? 0
    if (byte === quote) return false
    if (byte >= 0x80) return name.charCodeAt(place) >= 0x80 && keyAt(bytes, at) === name
    const unit = byte === backslash ? escapedUnit(bytes, next) : byte
    if (unit !== name.charCodeAt(place)) return false
    next += byte === backslash ? escapeLength(bytes, next) : 1
  }
  return bytes[next] === quote
}

function keyAt(bytes: Buffer, at: number): string {
  return textOf(bytes, at, endOfString(bytes, at, bytes.length) - 1)
}

const letterU = 0x75
/** What the letters after a backslash stand for; any other sign stands for itself. */
const escapes: ReadonlyMap<number, number> = new Map(
  [...'bfnrt'].map((letter, index) => [letter.charCodeAt(0), [8, 12, 10, 13, 9][index] ?? 0]),
)

function escapeLength(bytes: Buffer, at: number): number {
  return bytes[at + 1] === letterU ? 6 : 2
}

/** The UTF-16 unit that the escape at `at` stands for. */
function escapedUnit(bytes: Buffer, at: number): number {
  const letter = bytes[at + 1] ?? 0
  if (letter !== letterU) return escapes.get(letter) ?? letter
  let unit = 0
  for (let place = at + 2; place < at + 6; place++) unit = 16 * unit + hexDigit(bytes[place] ?? 0)
  return unit
}

/** Of a byte that is one: letters follow each other in ASCII as their values do. */
function hexDigit(byte: number): number {
  return (byte & 0xf) + (byte > 0x39 ? 9 : 0)
}
