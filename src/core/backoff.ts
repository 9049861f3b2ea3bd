/**
 * How long to wait before trying again: exponential, bounded, spread so that many do not return at
 * once.
 */
import type { Random } from './random.ts'

export interface Backoff {
  /** The longest wait before the second try, ms. */
  readonly baseMs: number
  /** No wait is longer, ms. */
  readonly maxMs: number
}

/** Ms to wait after `tries` tries that failed, 1 or more: between half the step and all of it. */
export function backoffDelay(backoff: Backoff, tries: number, random: Random): number {
  const step = Math.min(backoff.maxMs, backoff.baseMs * 2 ** (tries - 1))
  return step * (0.5 + random.next() / 2)
}
