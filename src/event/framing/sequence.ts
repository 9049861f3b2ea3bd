/**
 * A body of several JSON values: one a line (NDJSON), concatenated, or pretty-printed one after another.
 *
 * A value is read by the cheapest means that works:
 * 1. its line alone parses: it is the element
 * 2. its brackets close, on whatever line, and what they enclose parses: it is the element
 * 3. neither: the text is damaged from here to its closing bracket, or to the end of the body when
 *    nothing closes it. Within the damage, only a line that begins with `{` is trusted to begin an
 *    element: up to the next such line the text is one unreadable element. A bad line of NDJSON and a
 *    bad pretty-printed object thus cost themselves only, and no event is made of the inside of another.
 * What is no bracket, and begins no line that parses, is unreadable to the end of its line.
 *
 * Linear: a line is tried once, and no bracket is looked for beyond damage that is already known.
 */
import { decode, parseJson } from '../json.ts'
import { endOfLine, endOfValue, opensValue, skipSeparators, trimmed } from './bytes.ts'
import type { Body, Element } from './element.ts'
import { elementOf, unreadable } from './element.ts'

interface Cursor {
  at: number
  /** The end of the line that was last tried as a whole. */
  lineEnd: number
  /** The end of the known damage. */
  damagedTo: number
  /** True when the damage ends only with the body, because nothing closes it. */
  unclosed: boolean
  /** Within damage: where the next line that begins with `{` stands. */
  chunkEnd: number
}

export function frameSequence(body: Body, from: number): Element[] {
  const elements: Element[] = []
  const cursor = { at: from, lineEnd: from, damagedTo: from, unclosed: false, chunkEnd: from }
  for (;;) {
    cursor.at = skipSeparators(body.bytes, cursor.at)
    if (cursor.at >= body.bytes.length) return elements
    elements.push(readLine(body, cursor) ?? readValue(body, cursor) ?? readDamage(body, cursor))
  }
}

function readLine(body: Body, cursor: Cursor): Element | null {
  if (cursor.at < cursor.lineEnd) return null
  cursor.lineEnd = endOfLine(body.bytes, cursor.at)
  const slice = trimmed(body.bytes, cursor.at, cursor.lineEnd)
  const value = parseJson(decode(slice))
  if (value === undefined) return null
  cursor.at = cursor.lineEnd
  return elementOf(body, slice, value)
}

function readValue(body: Body, cursor: Cursor): Element | null {
  const { bytes } = body
  const limit = cursor.at < cursor.damagedTo ? chunkEnd(bytes, cursor) : bytes.length
  const isValue = opensValue(bytes[cursor.at])
  const end = isValue ? endOfValue(bytes, cursor.at, limit) : Math.min(cursor.lineEnd, limit)
  const slice = end === -1 ? null : trimmed(bytes, cursor.at, end)
  const value = slice === null ? undefined : parseJson(decode(slice))
  if (slice !== null && (value !== undefined || !isValue)) {
    cursor.at = end
    return elementOf(body, slice, value)
  }
  if (cursor.at >= cursor.damagedTo) {
    cursor.unclosed = end === -1
    cursor.damagedTo = end === -1 ? bytes.length : end
  }
  return null
}

function readDamage(body: Body, cursor: Cursor): Element {
  const { bytes } = body
  const end = chunkEnd(bytes, cursor)
  const slice = trimmed(bytes, cursor.at, end)
  const spansLines = cursor.at + slice.length > cursor.lineEnd
  const isLost = cursor.unclosed && end === bytes.length && spansLines
  cursor.at = end
  return isLost ? unreadable(slice, 'boundaries_lost') : elementOf(body, slice, undefined)
}

function chunkEnd(bytes: Buffer, cursor: Cursor): number {
  if (cursor.at >= cursor.chunkEnd) {
    const found = bytes.indexOf('\n{', cursor.at)
    cursor.chunkEnd = found === -1 ? cursor.damagedTo : Math.min(found + 1, cursor.damagedTo)
  }
  return cursor.chunkEnd
}
