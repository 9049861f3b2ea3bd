/**
 * Which files of a table are older than they are to be kept: by the day that their folder names,
 * so that a file goes whole or not at all. Pure.
 */
import type { DataFile } from './delta/table-state.ts'

const DAY_MS = 86_400_000

/** The first day that is kept, such as `2026-01-31`: whatever is younger than `keepMs` is. */
export function firstDayKept(now: number, keepMs: number): string {
  return new Date(Math.floor((now - keepMs) / DAY_MS) * DAY_MS).toISOString().slice(0, 10)
}

/** The days since 1970-01-01, as a log keeps one. */
export function dayNumber(day: string): number {
  return Date.parse(day) / DAY_MS
}

export function dayOfNumber(number: number): string {
  return new Date(number * DAY_MS).toISOString().slice(0, 10)
}

/** Files of days before `firstDay`. Those without a day are kept. */
export function filesBefore(files: Iterable<DataFile>, firstDay: string): DataFile[] {
  return [...files].filter(({ partitionValues: { date } }) => {
    return typeof date === 'string' && /^\d{4}-\d\d-\d\d$/.test(date) && date < firstDay
  })
}
