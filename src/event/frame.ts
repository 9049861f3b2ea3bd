/**
 * Cuts the body of a request into events: one JSON object, or a batch (a JSON array, NDJSON,
 * concatenated JSON).
 *
 * Guarantee: nothing throws; the time is linear in the length, at any depth of nesting. Slices are
 * views of the body in its order, and between them stands nothing but whitespace, commas, byte
 * order marks and the brackets of an array that is the whole body or begins it. The slice of a body
 * that is one object is the whole body, whitespace included: byte for byte what was posted.
 *
 * One bad element is one unreadable element and the rest passes. Where no end of an element can be
 * found, the rest of the body is one unreadable element. The reasons are in ./framing/element.ts.
 *
 * One pass: of a batch that is no array the first line is read twice, and bytes are only walked
 * again where something is wrong. Each object is shown to a reader while it is in hand, and what
 * that makes of it is kept in its place: a batch is never held as anything but its bytes.
 */
import { openArray } from './ascii.ts'
import { frameArray } from './framing/array.ts'
import { isBlank, skipSeparators } from './framing/bytes.ts'
import { Body, type Element, type ReadObject, unreadable } from './framing/element.ts'
import { frameSequence } from './framing/sequence.ts'
import { asBuffer } from './json.ts'
import { Entries } from './json-scan.ts'
import { skipSpace } from './json-tokens.ts'
import { startOf } from './json-view.ts'

export type { Element, ObjectElement, ReadObject, UnreadableReason } from './framing/element.ts'
export { unreadableReasons } from './framing/element.ts'

export interface Framing<Read> {
  /** False when the body is one thing, readable or not. */
  readonly batch: boolean
  readonly elements: readonly Element<Read>[]
}

/** Room for most bodies of one event, and for a line of most batches. */
const SMALL_BYTES = 8 * 1024

/** What lists the members of the object in hand, while no body is framed. */
let spare: Entries | null = new Entries(new Uint8Array(SMALL_BYTES))

/** Left out, `read` makes nothing of an object. */
export function frame(bytes: Uint8Array): Framing<null>
export function frame<Read>(bytes: Uint8Array, read: ReadObject<Read>): Framing<Read>
export function frame(bytes: Uint8Array, read: ReadObject<unknown> = () => null): Framing<unknown> {
  // A reader may frame a body itself.
  const entries = spare ?? new Entries()
  spare = null
  try {
    return frameBody(new Body(asBuffer(bytes), read, entries))
  } finally {
    entries.shrink()
    spare = entries
  }
}

function frameBody<Read>(body: Body<Read>): Framing<Read> {
  const { bytes } = body
  const start = skipSpace(bytes, startOf(bytes), bytes.length)
  if (bytes[start] === openArray) {
    const { elements, end, isJson } = frameArray(body, start + 1)
    const isWhole = isJson && skipSpace(bytes, end, bytes.length) === bytes.length
    return isWhole ? { batch: true, elements } : frameBehind(body, elements, end)
  }
  if (body.scanWhole(bytes)) return single(body.scanned(bytes, bytes))
  if (isBlank(bytes)) return single(unreadable(bytes, 'empty'))
  const first = skipSeparators(bytes, 0)
  if (bytes[first] !== openArray) return framing(body, frameSequence(body, first))
  const { elements, end } = frameArray(body, first + 1)
  return frameBehind(body, elements, end)
}

/** What follows an array that ends at `end`, which is -1 where it has no end. */
function frameBehind<Read>(body: Body<Read>, elements: Element<Read>[], end: number) {
  return framing(body, end === -1 ? elements : elements.concat(frameSequence(body, end)))
}

/**
 * Where no part of it is JSON, the body is one unreadable thing: a posted picture is not a batch of
 * its lines.
 */
function framing<Read>(body: Body<Read>, elements: readonly Element<Read>[]): Framing<Read> {
  return body.hasJson ? { batch: true, elements } : single(body.damaged(body.bytes))
}

function single<Read>(element: Element<Read>): Framing<Read> {
  return { batch: false, elements: [element] }
}
