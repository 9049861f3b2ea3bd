/** What a body is cut into: events, and things kept whole because they cannot be read as one. */
import { isUtf8 } from 'node:buffer'
import { ArrayView, type JsonView, ObjectView } from '../json-view.ts'

/** Why an element is no event: a stable word, and what it means. */
export const unreadableReasons = {
  empty: 'the body is empty or only whitespace',
  invalid_utf8: 'the bytes are not UTF-8',
  invalid_json: 'the text is not JSON',
  not_an_object: 'the JSON is not an object',
  boundaries_lost: 'no end was found, so this is the rest of the body',
} as const
export type UnreadableReason = keyof typeof unreadableReasons

export type Element = ObjectElement | UnreadableElement

export interface ObjectElement {
  readonly kind: 'object'
  readonly slice: Uint8Array
  readonly value: ObjectView
}

export interface UnreadableElement {
  readonly kind: 'unreadable'
  readonly slice: Uint8Array
  readonly reason: UnreadableReason
  /** Never quotes the body: it is shown where personal data must not appear. */
  readonly detail: string
}

/** A body, and whether it is known to be UTF-8 throughout, which spares checking each element. */
export interface Body {
  readonly bytes: Buffer
  readonly isUtf8: boolean
}

/** The element for a slice whose view is `value`, which may hold what is not UTF-8. */
export function elementOf(body: Body, slice: Uint8Array, value: JsonView | undefined): Element {
  if (!body.isUtf8 && !isUtf8(slice)) return unreadable(slice, 'invalid_utf8')
  if (value === undefined) return unreadable(slice, 'invalid_json')
  if (!(value instanceof ObjectView)) return unreadable(slice, 'not_an_object', kindOf(value))
  return { kind: 'object', slice, value }
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
