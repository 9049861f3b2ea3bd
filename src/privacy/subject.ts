/**
 * Whom something is about: found in texts in any spelling, and remembered without being told.
 *
 * A person is looked for in every text and number of a body: as the whole of it, and as a number,
 * address or id that stands somewhere within. A tombstone is a keyed hash of kind and value: it
 * tells nobody who it was, and finds them again. Whoever has the key can try it out.
 *
 * Limits: names are not looked for. A tombstone finds numbers as E.164 has them, so national ones
 * need `privacy.country`; where the number itself is at hand, its last eight digits will do.
 */
import type { PrivacyKey } from './key.ts'

export const subjectKinds = ['phone', 'email', 'contact', 'user', 'conversation'] as const
export type SubjectKind = (typeof subjectKinds)[number]

export interface Subject {
  readonly kind: SubjectKind
  /** In the form that all spellings share. */
  readonly value: string
}

export interface Tombstone {
  readonly kind: SubjectKind
  /** `h1:<key id>:<digits>`, unlike the pseudonym of the same value. */
  readonly digest: string
}

const shapes: Readonly<Record<SubjectKind, RegExp>> = {
  phone: /^[+][0-9]{7,15}$/,
  email: /^[^@\s]+@[^@\s]+$/,
  contact: /^[A-Za-z0-9._:-]{4,128}$/,
  user: /^[A-Za-z0-9._:-]{4,128}$/,
  conversation: /^[A-Za-z0-9._:-]{4,128}$/,
}

/** Null where the text is nothing of that kind. `normal` is that of the policy. */
export function subjectOf(
  kind: SubjectKind,
  text: string,
  normal: (text: string) => string,
): Subject | null {
  const value = isId(kind) ? text : normal(text)
  return shapes[kind].test(value) ? { kind, value } : null
}

export function isId(kind: SubjectKind): boolean {
  return kind !== 'phone' && kind !== 'email'
}

export function idOf({ kind, value }: Subject): string | null {
  return isId(kind) ? value : null
}

export function tombstoneOf({ kind, value }: Subject, key: PrivacyKey): Tombstone {
  return { kind, digest: key.pseudonym(`erased ${kind} ${value}`) }
}

/** Whether a name that stands in a text is one that is looked for. */
export type IsSought = (name: string) => boolean

export function seeksOne({ kind, value }: Subject): IsSought {
  if (kind !== 'phone') return (name) => name === value
  return (name) => name === value || isEndOf(name, value)
}

/** For tombstones; none of `keys` need be the one in use. */
export function seeksErased(tombstones: readonly Tombstone[], keys: readonly PrivacyKey[]) {
  const digests = new Set(tombstones.map(({ digest }) => digest))
  const kinds = [...new Set(tombstones.map(({ kind }) => kind))]
  const known = new Map<string, boolean>()
  const isSought: IsSought = (name) => {
    const found = known.get(name)
    if (found !== undefined) return found
    const sought = kinds.some(
      (kind) =>
        shapes[kind].test(name) &&
        keys.some((key) => digests.has(tombstoneOf({ kind, value: name }, key).digest)),
    )
    if (known.size >= MOST_KNOWN) known.clear()
    known.set(name, sought)
    return sought
  }
  return isSought
}

const MOST_KNOWN = 65_536
const FEWEST_DIGITS = 8

function isEndOf(name: string, number: string): boolean {
  const digits = name.replace(/^[+]/, '')
  return digits.length >= FEWEST_DIGITS && /^[0-9]+$/.test(digits) && number.endsWith(digits)
}

const token = /"[^"\\]*(?:\\.[^"\\]*)*"|-?[0-9][0-9.eE+-]*/gs

/** True where a text or a number of a JSON text, which may be broken, names who is sought. */
export function mentions(
  text: string,
  isSought: IsSought,
  normal: (text: string) => string,
): boolean {
  for (const [found] of text.matchAll(token))
    if (namesAny(plain(found), isSought, normal)) return true
  return false
}

/** The same for one text as it is. */
export function namesAny(
  text: string,
  isSought: IsSought,
  normal: (text: string) => string,
): boolean {
  if (text === '') return false
  if (isSought(text) || isSought(normal(text))) return true
  for (const pattern of [numbers, words, ids])
    for (const [found] of text.matchAll(pattern))
      if (found !== text && (isSought(found) || isSought(normal(found)))) return true
  return false
}

/** Runs of digits as people part them; what blanks and brackets part; UUIDs within a topic. */
const numbers = /[+]?[0-9](?:[ ()./-]{0,3}[0-9]){6,20}/g
const ids = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/gi
const words = /[^\s"'<>()[\],;{}=]{4,320}/g

function plain(found: string): string {
  if (!found.startsWith('"')) return found
  try {
    return String(JSON.parse(found))
  } catch {
    return found.slice(1, -1)
  }
}
