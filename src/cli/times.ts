/** Moments on the command line. */
import { InvalidArgumentError } from 'commander'
import type { Clock } from '../core/clock.ts'
import { duration } from './command-line.ts'

const iso = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)?)?$/

/**
 * For options that take a time, in UTC unless it says otherwise, or a duration ago: ms since the
 * epoch.
 */
export function moment(clock: Pick<Clock, 'now'>): (text: string) => number {
  return (text) => {
    const match = iso.exec(text)
    if (match === null) return clock.now() - durationAgo(text)
    const isLocal = match[1] !== undefined && match[4] === undefined
    const time = Date.parse(isLocal ? `${text}Z` : text)
    if (Number.isNaN(time)) throw unreadable()
    return time
  }
}

function durationAgo(text: string): number {
  try {
    return duration(text)
  } catch {
    throw unreadable()
  }
}

function unreadable(): InvalidArgumentError {
  return new InvalidArgumentError('It takes a time such as 2026-03-01T12:00Z, or 2h for that ago.')
}
