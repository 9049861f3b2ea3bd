/**
 * An array that is the whole body or begins it: each of its elements is one element of a batch.
 *
 * Its elements are read one by one. At the first that does not parse, or that no comma follows,
 * commas outside of strings and brackets are trusted to part the rest, each of which is then parsed
 * by itself.
 */
import { closeArray, comma } from '../ascii.ts'
import { skipSpace } from '../json-tokens.ts'
import { endOfElement, skipSeparators, trimmed } from './bytes.ts'
import { type Body, type Element, unreadable } from './element.ts'

export interface FramedArray<Read> {
  readonly elements: Element<Read>[]
  /** The byte behind the closing bracket, or -1 when it has none. */
  readonly end: number
  /** True where it is JSON as it stands. */
  readonly isJson: boolean
}

/** `from` is the byte behind the opening bracket. */
export function frameArray<Read>(body: Body<Read>, from: number): FramedArray<Read> {
  const { bytes } = body
  const elements: Element<Read>[] = []
  let at = skipSpace(bytes, from, bytes.length)
  if (bytes[at] === closeArray) return { elements, end: at + 1, isJson: true }
  for (;;) {
    const valueEnd = body.scan(at)
    const next = valueEnd === -1 ? -1 : skipSpace(bytes, valueEnd, bytes.length)
    if (bytes[next] !== comma && bytes[next] !== closeArray)
      return { elements, end: frameDamaged(body, at, elements), isJson: false }
    elements.push(body.scanned(bytes.subarray(at, valueEnd), bytes))
    if (bytes[next] === closeArray) return { elements, end: next + 1, isJson: true }
    at = skipSpace(bytes, next + 1, bytes.length)
  }
}

/**
 * Goes on at an element that is none. Returns the byte behind the closing bracket, or -1: an array
 * cut short has lost something, and the unreadable element that says so is what remains of the
 * body, even where that is nothing.
 */
function frameDamaged<Read>(body: Body<Read>, from: number, elements: Element<Read>[]): number {
  const { bytes } = body
  let at = skipSeparators(bytes, from)
  while (bytes[at] !== closeArray) {
    const end = endOfElement(bytes, at)
    if (end === -1) {
      elements.push(...lastElements(body, trimmed(bytes, at, bytes.length)))
      return -1
    }
    elements.push(body.element(trimmed(bytes, at, end)))
    at = skipSeparators(bytes, end)
  }
  return at + 1
}

/** The element that no comma or bracket follows may still be whole. */
function lastElements<Read>(body: Body<Read>, rest: Buffer): Element<Read>[] {
  if (!body.scanWhole(rest)) return [unreadable(rest, 'boundaries_lost')]
  const nothing = rest.subarray(rest.length)
  return [body.scanned(rest, rest), unreadable(nothing, 'boundaries_lost')]
}
