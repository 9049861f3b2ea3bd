/**
 * A body that is one JSON array, whole or damaged: each of its elements is one element of a batch.
 */
import { closeArray } from '../ascii.ts'
import { type ArrayView, viewJson } from '../json-view.ts'
import { endOfElement, skipSeparators, trimmed } from './bytes.ts'
import type { Body, Element } from './element.ts'
import { elementOf, unreadable } from './element.ts'

export function frameArray(body: Body, array: ArrayView): Element[] {
  return Array.from(array.elements(), ({ slice, value }) => elementOf(body, slice, value))
}

/**
 * An array that does not parse as a whole. Commas outside of strings and brackets are trusted to
 * part its elements, each of which is then parsed by itself. `end` is the byte after the closing
 * bracket, or -1 when it has none: an array cut short has lost something, and the unreadable
 * element that says so is what remains of the body, even where that is nothing.
 */
export function frameDamagedArray(body: Body): { elements: Element[]; end: number } {
  const { slices, end, rest } = cutArray(body.bytes)
  const elements = slices.map((slice) => elementOf(body, slice, viewJson(slice)))
  return { elements: end === -1 ? elements.concat(lastElements(body, rest)) : elements, end }
}

/** The element that no comma or bracket follows may still be whole. */
function lastElements(body: Body, rest: Buffer): Element[] {
  const value = viewJson(rest)
  if (value === undefined) return [unreadable(rest, 'boundaries_lost')]
  const nothing = rest.subarray(rest.length)
  return [elementOf(body, rest, value), unreadable(nothing, 'boundaries_lost')]
}

interface ArrayCut {
  readonly slices: Buffer[]
  readonly end: number
  /** The element without an end. */
  readonly rest: Buffer
}

function cutArray(bytes: Buffer): ArrayCut {
  const slices: Buffer[] = []
  let at = skipSeparators(bytes, skipSeparators(bytes, 0) + 1)
  while (bytes[at] !== closeArray) {
    const end = endOfElement(bytes, at)
    if (end === -1) return { slices, end: -1, rest: trimmed(bytes, at, bytes.length) }
    slices.push(trimmed(bytes, at, end))
    at = skipSeparators(bytes, end)
  }
  return { slices, end: at + 1, rest: bytes.subarray(at, at) }
}
