/** What `doctor` finds, as data: a line each, with what to do about it. */

export type Level = 'ok' | 'warn' | 'fail'

export interface Finding {
  /** What was looked at, such as `journal disk`. */
  readonly name: string
  readonly level: Level
  /** What was found. */
  readonly detail: string
  /** A whole sentence; null where nothing need be done. */
  readonly remedy: string | null
}

export function ok(name: string, detail: string): Finding {
  return { name, level: 'ok', detail, remedy: null }
}

export function warn(name: string, detail: string, remedy: string): Finding {
  return { name, level: 'warn', detail, remedy }
}

export function fail(name: string, detail: string, remedy: string): Finding {
  return { name, level: 'fail', detail, remedy }
}
