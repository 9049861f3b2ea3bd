/**
 * The intervals that Genesys is asked for, one after another. Pure.
 *
 * A record counts in the interval in which its conversation began, so that each counts once,
 * however the whole is cut: the query tells of conversations that have any part of an interval.
 */
import type { Interval } from '../genesys/details-query.ts'

export interface KeptInterval extends Interval {
  /** The lake keeps nothing that happened before, ms. */
  readonly keptFrom: number
}

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
/** How far behind an interval conversations may have begun that are asked for by id. */
export const REACH_MS = 31 * DAY_MS
/** Below it nothing is cut: no organisation has 100,000 conversations in a second. */
const LEAST_MS = 1000

/** Days, UTC, and what is left of the first and the last of them. */
export function* daysOf({ from, to }: Interval): Generator<Interval> {
  for (let at = from; at < to; ) {
    const next = Math.min(to, (Math.floor(at / DAY_MS) + 1) * DAY_MS)
    yield { from: at, to: next }
    at = next
  }
}

/** Null where it cannot be cut. */
export function halvesOf({ from, to }: Interval): readonly [Interval, Interval] | null {
  if (to - from < 2 * LEAST_MS) return null
  const middle = Math.floor((from + to) / 2)
  return [
    { from, to: middle },
    { from: middle, to },
  ]
}

/** Whether a record of the interval's answer counts there. */
export function isWithin(start: number, { from, to }: Interval): boolean {
  return start >= from && start < to
}

/**
 * What of `gaps` lies before an interval, in order; those that lie closer together than an hour are
 * one.
 */
export function gapsBefore({ from: end }: Interval, gaps: readonly Interval[]): Interval[] {
  const before: Interval[] = []
  for (const { from, to } of gaps.toSorted((one, other) => one.from - other.from)) {
    if (from >= end) continue
    const last = before.at(-1)
    const until = Math.min(to, end)
    if (last === undefined || from > last.to + HOUR_MS) before.push({ from, to: until })
    else before[before.length - 1] = { from: last.from, to: Math.max(last.to, until) }
  }
  return before
}
