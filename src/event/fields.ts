/** Reads members of untrusted objects. What is missing, null or of another type is null. */
import { type JsonView, ObjectView } from './json-view.ts'

/** UTF-16 units. Genesys ids are UUIDs and its topics shorter than 200; the rest is not an id. */
const maxLength = 512

export function objectAt(object: ObjectView | null, name: string): ObjectView | null {
  const value = object?.member(name)
  return value instanceof ObjectView ? value : null
}

export function textAt(object: ObjectView | null, name: string): string | null {
  return usableText(object?.member(name))
}

/** As `textAt`; a whole number that JavaScript holds exactly is its text. */
export function idAt(object: ObjectView | null, name: string): string | null {
  const value = object?.member(name)
  return usableText(Number.isSafeInteger(value) ? String(value) : value)
}

/** The first of the names that holds such a text. */
export function firstText(object: ObjectView | null, names: readonly string[]): string | null {
  return first(names, (name) => textAt(object, name))
}

export function firstId(object: ObjectView | null, names: readonly string[]): string | null {
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
export function usableText(value: JsonView | undefined): string | null {
  const isText = typeof value === 'string' && value.length > 0 && value.length <= maxLength
  return isText && value.isWellFormed() ? value : null
}
