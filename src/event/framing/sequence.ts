/**
 * A body of several JSON values: one a line (NDJSON), concatenated, or pretty-printed one after
 * another.
 *
 * A value is read by the first of these means that works:
 * 1. it begins with a bracket and is JSON, on however many lines, and the line then ends or goes on
 *    with another opening bracket: it is the element
 * 2. its line alone parses: it is the element
 * 3. neither: the text is damaged from here to its closing bracket (to the end of that line, where
 *    something else follows it), or to the end of the body when nothing closes it. Within the
 *    damage, only a line that begins with `{` is trusted to begin an element: up to the next such
 *    line the text is one unreadable element. A bad line of NDJSON and a bad pretty-printed object
 *    thus cost themselves only, and no event is made of the inside of another.
 *
 * What begins with no bracket, and is no line that parses, is unreadable to the end of its line.
 *
 * Linear: a line is tried once, and within damage that is known nothing is looked for beyond the
 * next line that may begin an element.
 */
import {
  endOfLine,
  endOfValue,
  endsOrOpensValue,
  opensValue,
  skipSeparators,
  trimmed,
} from './bytes.ts'
import { type Body, type Element, unreadable } from './element.ts'

interface Cursor {
  at: number
  /** The end of the line that was last tried as a whole. */
  lineEnd: number
  /** The end of the known damage. */
  damagedTo: number
  /** True when the damage ends only with the body, because nothing closes it. */
  unclosed: boolean
  /** Where the next line that begins with `{` stands, once that was looked for. */
  nextStart: number
}

export function frameSequence<Read>(body: Body<Read>, from: number): Element<Read>[] {
  const elements: Element<Read>[] = []
  const cursor = { at: from, lineEnd: from, damagedTo: from, unclosed: false, nextStart: from }
  for (;;) {
    cursor.at = skipSeparators(body.bytes, cursor.at)
    if (cursor.at >= body.bytes.length) return elements
    elements.push(
      readHere(body, cursor) ??
        readLine(body, cursor) ??
        readValue(body, cursor) ??
        readDamage(body, cursor),
    )
  }
}

/** A value outside of damage, where it stands: nobody has to find its end first. */
function readHere<Read>(body: Body<Read>, cursor: Cursor): Element<Read> | null {
  const { bytes } = body
  if (cursor.at < cursor.damagedTo || !opensValue(bytes[cursor.at])) return null
  const end = body.scan(cursor.at)
  if (end === -1 || !endsOrOpensValue(bytes, end)) return null
  const slice = bytes.subarray(cursor.at, end)
  cursor.at = end
  return body.scanned(slice, bytes)
}

function readLine<Read>(body: Body<Read>, cursor: Cursor): Element<Read> | null {
  if (cursor.at < cursor.lineEnd) return null
  cursor.lineEnd = endOfLine(body.bytes, cursor.at)
  const slice = trimmed(body.bytes, cursor.at, cursor.lineEnd)
  if (!body.scanWhole(slice)) return null
  cursor.at = cursor.lineEnd
  return body.scanned(slice, slice)
}

function readValue<Read>(body: Body<Read>, cursor: Cursor): Element<Read> | null {
  const { bytes } = body
  const isDamaged = cursor.at < cursor.damagedTo
  const limit = isDamaged ? endOfDamage(bytes, cursor) : bytes.length
  if (!opensValue(bytes[cursor.at])) return readRestOfLine(body, cursor, limit)
  const end = endOfValue(bytes, cursor.at, limit)
  const slice = bytes.subarray(cursor.at, Math.max(cursor.at, end))
  const isJson = end !== -1 && body.scanWhole(slice)
  if (isJson && endsOrOpensValue(bytes, end)) {
    cursor.at = end
    return body.scanned(slice, slice)
  }
  if (!isDamaged) {
    cursor.unclosed = end === -1
    cursor.damagedTo = isJson ? endOfLine(bytes, end) : end
    if (cursor.unclosed) cursor.damagedTo = bytes.length
  }
  return null
}

function readRestOfLine<Read>(body: Body<Read>, cursor: Cursor, limit: number): Element<Read> {
  const end = Math.min(cursor.lineEnd, limit)
  const slice = trimmed(body.bytes, cursor.at, end)
  cursor.at = end
  return body.element(slice)
}

function readDamage<Read>(body: Body<Read>, cursor: Cursor): Element<Read> {
  const { bytes } = body
  const end = endOfDamage(bytes, cursor)
  const slice = trimmed(bytes, cursor.at, end)
  const spansLines = cursor.at + slice.length > cursor.lineEnd
  const isLost = cursor.unclosed && end === bytes.length && spansLines
  cursor.at = end
  return isLost ? unreadable(slice, 'boundaries_lost') : body.damaged(slice)
}

/** The end of the known damage, or the line before that where an element may begin. */
function endOfDamage(bytes: Buffer, cursor: Cursor): number {
  if (cursor.at >= cursor.nextStart) {
    const found = bytes.indexOf('\n{', cursor.at)
    cursor.nextStart = found === -1 ? bytes.length : found + 1
  }
  return Math.min(cursor.nextStart, cursor.damagedTo)
}
