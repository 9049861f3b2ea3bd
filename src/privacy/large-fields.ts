/**
 * Takes large fields, such as transcripts, out of a JSON text: what rules of their own name and
 * what is longer than a size. `***` stands in their place; all else stays byte by byte.
 *
 * Pure and iterative. Nothing is cut off: a field is taken whole or left whole.
 */
import { closeArray, closeObject, comma, openArray, openObject, quote } from '../event/ascii.ts'
import { endOfScalar, endOfString, skipSpace } from '../event/json-tokens.ts'
import { type Field, fieldAt, fieldTree } from './field-tree.ts'
import { MASKED } from './masking.ts'

export interface LargeFieldRules {
  /** Paths as rules of privacy have them; what ends with one is meant. */
  readonly fields: readonly string[]
  /** In bytes of JSON. */
  readonly over: number
}

export interface LargeField {
  /** Of the rule: names that a sender chose are not in it. */
  readonly field: string
  /** The whole path. */
  readonly path: string
  /** As it stood: the text of a JSON value. */
  readonly json: string
}

export interface Taken {
  readonly body: string
  /** In the order in which they stood. */
  readonly fields: readonly LargeField[]
}

/** For texts that are JSON. Null where nothing is taken. */
export function largeFields({ fields, over }: LargeFieldRules): (body: string) => Taken | null {
  const rules = fields.map((field) => ({ field, action: 'keep' as const }))
  const root = fieldTree({ own: rules, defaults: [] })
  const ruleOf = (path: string) =>
    fields.find((field) => {
      const alone = fieldTree({ own: [{ field, action: 'keep' }], defaults: [] })
      return fieldAt(alone, path).action !== null
    }) ?? path
  return (body) => {
    const bytes = Buffer.from(body)
    const found = bytes.length > over ? placesIn(bytes, root, over) : []
    if (found.length === 0) return null
    const parts: string[] = []
    let at = 0
    for (const { from, to } of found) {
      parts.push(bytes.toString('utf8', at, from), JSON.stringify(MASKED))
      at = to
    }
    parts.push(bytes.toString('utf8', at))
    const taken = found.map(({ path, from, to }) => {
      return { field: ruleOf(path), path, json: bytes.toString('utf8', from, to) }
    })
    return { body: parts.join(''), fields: taken }
  }
}

interface Place {
  readonly path: string
  readonly from: number
  readonly to: number
}

interface Container {
  readonly field: Field
  readonly closer: number
}

function placesIn(bytes: Buffer, root: Field, over: number): Place[] {
  const places: Place[] = []
  const open: Container[] = []
  let at = skipSpace(bytes, 0, bytes.length)
  /** Behind the value, or behind the bracket that opens it. */
  const value = (field: Field): number => {
    const isOpening = bytes[at] === openObject || bytes[at] === openArray
    if (field.action !== null) {
      const to = endOfValue(bytes, at)
      if (to - at > over) places.push({ path: field.path, from: at, to })
      return to
    }
    if (!isOpening) return endOfScalar(bytes, at, bytes.length)
    open.push({ field, closer: bytes[at] === openObject ? closeObject : closeArray })
    return at + 1
  }
  at = value(root)
  for (let container = open.at(-1); container !== undefined; container = open.at(-1)) {
    at = skipSpace(bytes, at, bytes.length)
    const { field, closer } = container
    if (bytes[at] === closer) {
      open.pop()
      at++
    } else if (bytes[at] === comma) at++
    else if (closer === closeArray) at = value(field.child('[]'))
    else {
      const end = endOfString(bytes, at + 1, bytes.length)
      const name = String(JSON.parse(bytes.toString('utf8', at, end)))
      // Behind the key stands its colon.
      at = skipSpace(bytes, end, bytes.length) + 1
      at = skipSpace(bytes, at, bytes.length)
      at = value(field.child(name))
    }
  }
  return places
}

function endOfValue(bytes: Buffer, from: number): number {
  if (bytes[from] !== openObject && bytes[from] !== openArray)
    return endOfScalar(bytes, from, bytes.length)
  let at = from
  let depth = 0
  do {
    const byte = bytes[at]
    if (byte === quote) at = endOfString(bytes, at + 1, bytes.length)
    else at++
    if (byte === openObject || byte === openArray) depth++
    if (byte === closeObject || byte === closeArray) depth--
  } while (depth > 0)
  return at
}
