/**
 * Keys of the design that this version does not serve. They are unknown keys like any other, and
 * the complaint says why.
 */
import type { Path } from './problem.ts'
import { keyText } from './problem.ts'

/** Indexes left out: `sources.limits.burst` stands for that key of every source. */
const unserved: ReadonlySet<string> = new Set(['reconcile'])

export function isUnserved(path: Path): boolean {
  return unserved.has(keyText(path.filter((part) => typeof part === 'string')))
}
