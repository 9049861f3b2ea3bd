/** What a body is cut into: events, and things kept whole because they cannot be read as one. */
import { isUtf8 } from 'node:buffer'
import type { JsonObject, JsonValue } from '../json.ts'
import { decode, isObject, parseJson } from '../json.ts'
import { mayBeJson } from './bytes.ts'

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
  readonly value: JsonObject
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

/** Undefined where the slice is not JSON; what is not UTF-8 in it is for `elementOf` to find. */
export function parseSlice(slice: Buffer): JsonValue | undefined {
  return mayBeJson(slice) ? parseJson(decode(slice)) : undefined
}

/** The element for a slice that parsed to `value`; undefined where it did not parse. */
export function elementOf(body: Body, slice: Uint8Array, value: JsonValue | undefined): Element {
  if (!body.isUtf8 && !isUtf8(slice)) return unreadable(slice, 'invalid_utf8')
  if (value === undefined) return unreadable(slice, 'invalid_json')
  if (!isObject(value)) return unreadable(slice, 'not_an_object', kindOf(value))
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

function kindOf(value: JsonValue): string {
  if (value === null) return 'null'
  return Array.isArray(value) ? 'an array' : `a ${typeof value}`
}
