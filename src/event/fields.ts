/**
 * Reads members of untrusted objects: own members only, so that `constructor` and `__proto__` are
 * nothing special. What is missing, null or of another type is null.
 */
import type { JsonObject, JsonValue } from './json.ts'
import { isObject } from './json.ts'

/** UTF-16 units. Genesys ids are UUIDs and its topics shorter than 200; the rest is not an id. */
const maxLength = 512

export function member(object: JsonObject | null, name: string): JsonValue | undefined {
  return object !== null && Object.hasOwn(object, name) ? object[name] : undefined
}

export function objectAt(object: JsonObject | null, name: string): JsonObject | null {
  const value = member(object, name)
  return isObject(value) ? value : null
}

export function textAt(object: JsonObject | null, name: string): string | null {
  return usableText(member(object, name))
}

/** As `textAt`; a whole number that JavaScript holds exactly is its text. */
export function idAt(object: JsonObject | null, name: string): string | null {
  const value = member(object, name)
  return usableText(Number.isSafeInteger(value) ? String(value) : value)
}

/** The first of the names that holds such a text. */
export function firstText(object: JsonObject | null, names: readonly string[]): string | null {
  return first(names, (name) => textAt(object, name))
}

export function firstId(object: JsonObject | null, names: readonly string[]): string | null {
  return first(names, (name) => idAt(object, name))
}

function first(names: readonly string[], read: (name: string) => string | null): string | null {
  for (const name of names) {
    const text = read(name)
    if (text !== null) return text
  }
  return null
}

/**
 * A text that can be written and compared: not empty, at most 512 long, and without lone
 * surrogates, which UTF-8 cannot tell apart.
 */
export function usableText(value: JsonValue | undefined): string | null {
  const isText = typeof value === 'string' && value.length > 0 && value.length <= maxLength
  return isText && value.isWellFormed() ? value : null
}
