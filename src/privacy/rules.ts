/**
 * Rules of privacy as data: what becomes of a field, by its path.
 *
 * A path names members joined by dots, `[]` for any element of an array, `*` for any one member or
 * element: `participants[].name`, `contact.phoneNumber`, `attributes.*`. It holds wherever a full
 * path ends with it, letter by letter, and covers all that lies below: a sender that turns a text
 * into an object does not slip through.
 */

export const actions = ['hash', 'mask', 'drop', 'keep'] as const

/**
 * `hash`: a keyed pseudonym, the same for the same person, so that analysts can join · `mask`: only
 * what tells nobody apart stays · `drop`: null · `keep`: as it is, which someone decided.
 */
export type Action = (typeof actions)[number]

export interface Rule {
  readonly field: string
  readonly action: Action
}

const memberName = /^[^.[\]*]+$/

/** `['participants', '[]', 'name']`; null where the text is no path. */
export function segmentsOf(path: string): readonly string[] | null {
  const segments: string[] = []
  for (const part of path.split('.')) {
    const name = part.replace(/(\[\])*$/, '')
    if (name !== '*' && !memberName.test(name)) return null
    segments.push(name, ...Array<string>((part.length - name.length) / 2).fill('[]'))
  }
  return segments
}
