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
 * One value, and an array, are read in one pass; of a batch written otherwise the first value is
 * read twice. Bytes are only walked again where something is wrong.
 */
import { isUtf8 } from 'node:buffer'
import { openArray } from './ascii.ts'
import { frameArray, frameDamagedArray } from './framing/array.ts'
import { isBlank, skipSeparators } from './framing/bytes.ts'
import type { Body, Element } from './framing/element.ts'
import { elementOf, unreadable } from './framing/element.ts'
import { frameSequence } from './framing/sequence.ts'
import { asBuffer } from './json.ts'
import { ArrayView, viewJson } from './json-view.ts'

export type { Element, ObjectElement, UnreadableReason } from './framing/element.ts'
export { unreadableReasons } from './framing/element.ts'

export interface Framing {
  /** False when the body is one thing, readable or not. */
  readonly batch: boolean
  readonly elements: readonly Element[]
}

export function frame(bytes: Uint8Array): Framing {
  const body = { bytes: asBuffer(bytes), isUtf8: isUtf8(bytes) }
  const value = viewJson(body.bytes)
  if (value instanceof ArrayView) return { batch: true, elements: frameArray(body, value) }
  if (value !== undefined) return single(elementOf(body, bytes, value))
  if (isBlank(body.bytes)) return single(unreadable(bytes, 'empty'))
  return frameDamaged(body)
}

/** What is not one JSON value. */
function frameDamaged(body: Body): Framing {
  const start = skipSeparators(body.bytes, 0)
  if (body.bytes[start] !== openArray) return framing(body, frameSequence(body, start))
  const { elements, end } = frameDamagedArray(body)
  return framing(body, end === -1 ? elements : elements.concat(frameSequence(body, end)))
}

/**
 * Where no part of it is JSON, the body is one unreadable thing: a posted picture is not a batch of
 * its lines.
 */
function framing(body: Body, elements: readonly Element[]): Framing {
  if (!elements.some(isJson)) return single(elementOf(body, body.bytes, undefined))
  return { batch: true, elements }
}

function isJson(element: Element): boolean {
  return element.kind === 'object' || element.reason === 'not_an_object'
}

function single(element: Element): Framing {
  return { batch: false, elements: [element] }
}
