/** What a body is cut into: events, and things kept whole because they cannot be read as one. */
import { isUtf8 } from 'node:buffer'
import { type Entries, scanJson } from '../json-scan.ts'
import { ArrayView, type JsonView, ObjectView, scanWhole, viewOf } from '../json-view.ts'

/** Why an element is no event: a stable word, and what it means. */
export const unreadableReasons = {
  empty: 'the body is empty or only whitespace',
  invalid_utf8: 'the bytes are not UTF-8',
  invalid_json: 'the text is not JSON',
  not_an_object: 'the JSON is not an object',
  boundaries_lost: 'no end was found, so this is the rest of the body',
} as const
export type UnreadableReason = keyof typeof unreadableReasons

/** `Read` is what the reader of the body made of an object. */
export type Element<Read> = ObjectElement<Read> | UnreadableElement

export interface ObjectElement<Read> {
  readonly kind: 'object'
  readonly slice: Uint8Array
  readonly value: Read
}

export interface UnreadableElement {
  readonly kind: 'unreadable'
  readonly slice: Uint8Array
  readonly reason: UnreadableReason
  /** Never quotes the body: it is shown where personal data must not appear. */
  readonly detail: string
}

/**
 * Called once for each object of a body, in their order. The view shows it until the call returns:
 * the next object is listed in the same memory.
 */
export type ReadObject<Read> = (value: ObjectView, slice: Uint8Array) => Read

/** A body on its way through framing: what stands between two places of it, as an element. */
export class Body<Read> {
  readonly bytes: Buffer
  /** True once an element was JSON, of whatever kind. */
  hasJson = false
  readonly #read: ReadObject<Read>
  readonly #entries: Entries
  /** Known once, it spares checking each element. */
  readonly #isUtf8: boolean

  constructor(bytes: Buffer, read: ReadObject<Read>, entries: Entries) {
    this.bytes = bytes
    this.#read = read
    this.#entries = entries
    this.#isUtf8 = isUtf8(bytes)
  }

  /** The byte behind the JSON value that begins at `from`, or -1. */
  scan(from: number): number {
    return scanJson(this.bytes, from, this.#entries)
  }

  /** True where the slice is one JSON value. */
  scanWhole(slice: Buffer): boolean {
    return scanWhole(slice, this.#entries)
  }

  /** What was scanned last: `slice`, which was found in `within`. */
  scanned(slice: Uint8Array, within: Buffer): Element<Read> {
    if (!this.#isText(slice)) return unreadable(slice, 'invalid_utf8')
    this.hasJson = true
    const value = viewOf(within, this.#entries)
    if (!(value instanceof ObjectView)) return unreadable(slice, 'not_an_object', kindOf(value))
    return { kind: 'object', slice, value: this.#read(value, slice) }
  }

  /** The element that a slice is by itself. */
  element(slice: Buffer): Element<Read> {
    return this.scanWhole(slice) ? this.scanned(slice, slice) : this.damaged(slice)
  }

  /** For a slice that is not JSON. */
  damaged(slice: Uint8Array): UnreadableElement {
    return unreadable(slice, this.#isText(slice) ? 'invalid_json' : 'invalid_utf8')
  }

  #isText(slice: Uint8Array): boolean {
    return this.#isUtf8 || isUtf8(slice)
  }
}

export function unreadable(
  slice: Uint8Array,
  reason: UnreadableReason,
  found?: string,
): UnreadableElement {
  const meaning = unreadableReasons[reason]
  const detail = found === undefined ? meaning : `${meaning} but ${found}`
  return { kind: 'unreadable', slice, reason, detail }
}

function kindOf(value: JsonView): string {
  if (value === null) return 'null'
  return value instanceof ArrayView ? 'an array' : `a ${typeof value}`
}
