/**
 * JSON that is looked at where it stands: checked as a whole, and decoded only where it is asked
 * for. Of an event of a kilobyte, five members are; building all of it costs more than everything
 * else that is done with it.
 *
 * Guarantee: what is found is what JSON.parse would have put there: of a repeated key the last
 * value counts, a key may be written with escapes, and `__proto__` is a key like any other.
 *
 * Limits: a view holds on to the bytes. An array within an object is read again when somebody asks
 * for its elements.
 */
import { backslash, openArray, openObject, quote } from './ascii.ts'
import { ENTRY_NUMBERS, scanJson } from './json-scan.ts'
import { endOfString, isSpace, skipSpace } from './json-tokens.ts'

export type JsonView = null | boolean | number | string | ObjectView | ArrayView

/** Undefined where the bytes are not JSON, without throwing. A byte order mark is no part of it. */
export function viewJson(bytes: Buffer): JsonView | undefined {
  const from = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0
  const entries = scanJson(bytes, from)
  if (entries === null) return undefined
  const at = skipSpace(bytes, from, bytes.length)
  let end = bytes.length
  while (isSpace(bytes[end - 1])) end--
  return viewOf({ bytes, entries }, { at, end, first: 0, last: entries.length })
}

export class ObjectView {
  readonly #text: Scanned
  readonly #place: Place

  constructor(text: Scanned, place: Place) {
    this.#text = text
    this.#place = place
  }

  has(name: string): boolean {
    return this.#find(name) !== -1
  }

  /** Undefined where there is none. */
  member(name: string): JsonView | undefined {
    const entry = this.#find(name)
    return entry === -1 ? undefined : viewOf(this.#text, placeOf(this.#text, entry))
  }

  #find(name: string): number {
    const { bytes, entries } = this.#text
    const { first, last } = this.#place
    let found = -1
    for (let entry = first; entry < last; entry = entries[entry + 4] ?? last) {
      const at = entries[entry] ?? 0
      const length = entries[entry + 1] ?? 0
      if (
        length === name.length
          ? isAsciiKey(bytes, at, name)
          : length === -1 && isKey(bytes, at, name)
      )
        found = entry
    }
    return found
  }
}

export class ArrayView {
  readonly #text: Scanned
  readonly #place: Place

  constructor(text: Scanned, place: Place) {
    this.#text = text
    this.#place = place
  }

  /** Each with its bytes. */
  *elements(): Generator<{ readonly slice: Buffer; readonly value: JsonView }> {
    const text = this.#listed()
    for (let entry = 0; entry < text.entries.length; ) {
      const place = placeOf(text, entry)
      yield { slice: text.bytes.subarray(place.at, place.end), value: viewOf(text, place) }
      entry = place.last
    }
  }

  /** Elements are listed only of an array that is the whole text. */
  #listed(): Scanned {
    const { at, end, first } = this.#place
    if (first === 0) return this.#text
    const bytes = this.#text.bytes.subarray(at, end)
    return { bytes, entries: scanJson(bytes, 0) ?? [] }
  }
}

/** Text that is known to be JSON, and the entries that ./json-scan.ts made of it. */
interface Scanned {
  readonly bytes: Buffer
  readonly entries: readonly number[]
}

/** Where a value stands, and the entries of its members. */
interface Place {
  readonly at: number
  readonly end: number
  readonly first: number
  readonly last: number
}

function placeOf({ entries }: Scanned, entry: number): Place {
  return {
    at: entries[entry + 2] ?? 0,
    end: entries[entry + 3] ?? 0,
    first: entry + ENTRY_NUMBERS,
    last: entries[entry + 4] ?? 0,
  }
}

function viewOf(text: Scanned, place: Place): JsonView {
  const { bytes } = text
  const { at, end } = place
  const byte = bytes[at]
  if (byte === quote) return textOf(bytes, at + 1, end - 1)
  if (byte === openObject) return new ObjectView(text, place)
  if (byte === openArray) return new ArrayView(text, place)
  return JSON.parse(bytes.toString('latin1', at, end))
}

function textOf(bytes: Buffer, from: number, to: number): string {
  const text = bytes.toString('utf8', from, to)
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
