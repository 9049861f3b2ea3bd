/**
 * Payloads as a platform that changes over time might send them: nulls, fields that nobody has
 * seen, changed types. Identity, time, type and conversation stay readable, so that it is known
 * what a receiver must make of the event.
 */
import type { Random } from '../../core/random.ts'
import type { JsonObject, JsonValue } from '../../event/json.ts'
import { isObject } from '../../event/json.ts'
import { pick } from '../centre/draw.ts'
import type { Pliable } from '../render/rendered.ts'

export type Bend = (part: JsonObject, fixed: ReadonlySet<string>, random: Random) => JsonObject

/** `value` with its pliable part bent; what is not on the way there is shared, not copied. */
export function bendPayload(
  value: JsonObject,
  bend: Bend,
  how: { readonly pliable: Pliable; readonly random: Random },
): JsonObject {
  const { path, fixed } = how.pliable
  return at(value, path, (part) => bend(part, fixed, how.random))
}

function at(
  value: JsonObject,
  path: readonly string[],
  bend: (part: JsonObject) => JsonObject,
): JsonObject {
  const [name, ...rest] = path
  if (name === undefined) return bend(value)
  const inner = value[name]
  return isObject(inner) ? { ...value, [name]: at(inner, rest, bend) } : value
}

/** One field becomes null. */
export const nulled: Bend = (part, fixed, random) => change(part, { fixed, random }, () => null)

const news = ['sentimentScore', 'journey', 'botHandover', 'regionHint'] as const

export const withUnseenField: Bend = (part, _fixed, random) => ({
  ...part,
  [pick(random, news)]: pick<JsonValue>(random, [0.4, 'eu', true, { step: 3, of: [1, 2] }]),
})

/**
 * One field changes its type without losing its content: a number becomes text, a text an object.
 */
export const retyped: Bend = (part, fixed, random) =>
  change(part, { fixed, random }, (value) => otherType(value, random))

/** Only a number becomes text: what a reader can convert back. */
export const numberAsText: Bend = (part, fixed, random) => {
  const names = Object.keys(part).filter((name) => !fixed.has(name) && holdsNumber(part[name]))
  if (names.length === 0) return part
  const name = pick(random, names)
  const value = part[name]
  const text = isObject(value) ? numberAsText(value, fixed, random) : String(value)
  return { ...part, [name]: text }
}

function holdsNumber(value: JsonValue | undefined): boolean {
  if (isObject(value)) return Object.values(value).some((inner) => typeof inner === 'number')
  return typeof value === 'number'
}

function otherType(value: JsonValue, random: Random): JsonValue {
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  if (typeof value === 'string') return { value }
  if (!isObject(value)) return { items: value }
  return change(value, { fixed: new Set(), random }, (inner) => otherType(inner, random))
}

function change(
  part: JsonObject,
  where: { readonly fixed: ReadonlySet<string>; readonly random: Random },
  to: (value: JsonValue) => JsonValue,
): JsonObject {
  const names = Object.keys(part).filter((name) => !where.fixed.has(name))
  if (names.length === 0) return part
  const name = pick(where.random, names)
  return { ...part, [name]: to(part[name] ?? null) }
}
