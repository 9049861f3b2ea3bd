/**
 * Paths of fields: `participants[].name`. `[]` stands for every element; what is no plain name is
 * `*`, so that no path tells a person: keys of a body may be phone numbers, addresses or ids.
 */

/** Stands for a name that is not told. */
export const anyName = '*'

/** Of the body itself. */
export const rootPath = ''

const plainName = /^[A-Za-z_][A-Za-z0-9_-]{0,63}$/
/** Ids, numbers and hashes have them; names of fields do not. */
const manyDigits = /\d{4}|(?:\d[^\d]*){8}/

export function memberPath(path: string, name: string): string {
  const shown = shownName(name)
  return path === rootPath ? shown : `${path}.${shown}`
}

/** A name as it may be told, else `*`. */
export function shownName(name: string): string {
  return plainName.test(name) && !manyDigits.test(name) ? name : anyName
}

export function elementPath(path: string): string {
  return `${path}[]`
}

/** A path taken apart: names of members, and `[]` for each step to the elements. */
export function stepsOf(path: string): readonly string[] {
  if (path === rootPath) return []
  return path.split('.').flatMap((segment) => {
    const name = segment.replace(/(?:\[\])+$/, '')
    const elements = (segment.length - name.length) / 2
    return [...(name === '' ? [] : [name]), ...Array.from({ length: elements }, () => '[]')]
  })
}
