/** What is wrong with a configuration file, for people: where, what, and what to do. */

/** Keys and indexes from the root of the file. */
export type Path = readonly (string | number)[]

export interface Place {
  /** Both count from 1. */
  readonly line: number
  readonly column: number
}

/** A complaint before its place in the file is known. */
export interface Complaint {
  readonly path: Path
  /** Follows the key: `is missing`, `"5" is not a size with a unit`. */
  readonly what: string
  /** A whole sentence. */
  readonly remedy: string
}

export interface Problem extends Place {
  /** Such as `sources[0].auth.hmac.header`; empty for the file as a whole. */
  readonly key: string
  readonly what: string
  readonly remedy: string
}

export function located(complaint: Complaint, place: (path: Path) => Place): Problem {
  const { path, what, remedy } = complaint
  return { ...place(path), key: keyText(path), what, remedy }
}

export function keyText(path: Path): string {
  return path
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${part}`))
    .join('')
    .replace(/^\./, '')
}

/** One line: `inlet.yaml:4:3: listen.port: 70000 is more than 65535. Write ...` */
export function problemLine(file: string, problem: Problem): string {
  const { line, column, key, what, remedy } = problem
  const subject = key === '' ? '' : `${key}: `
  return `${file}:${line}:${column}: ${subject}${what}. ${remedy}`
}

/** In the order of the file. */
export function inOrder(problems: readonly Problem[]): Problem[] {
  return problems.toSorted((a, b) => a.line - b.line || a.column - b.column)
}
