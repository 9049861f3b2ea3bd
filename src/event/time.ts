/**
 * When an event happened, as its body says: epoch milliseconds or seconds (a number, or a text of
 * digits) or ISO 8601. Strict, because a body usually has another candidate that is right: the
 * malformed `2021-04-2T15:30:51.418Z` of real analytics records is unreadable and not guessed at.
 */
import { type JsonView, ObjectView } from './json-view.ts'

/** A place in a body, such as `detail.eventBody.eventTime`. */
export interface Place {
  readonly path: string
  readonly names: readonly string[]
}

/** Places in the order they are tried; where several stand together, the latest of them counts. */
export type TimePlaces = readonly (readonly Place[])[]

export interface EventTime {
  /** Milliseconds since the Unix epoch. */
  readonly at: number
  /** The path it was read from. */
  readonly source: string
}

export function timePlaces(...paths: readonly (string | readonly string[])[]): TimePlaces {
  return paths.map((together) =>
    [together].flat().map((path) => ({ path, names: path.split('.') })),
  )
}

export function findTime(root: ObjectView, places: TimePlaces): EventTime | null {
  for (const together of places) {
    const found = latest(root, together)
    if (found !== null) return found
  }
  return null
}

function latest(root: ObjectView, places: readonly Place[]): EventTime | null {
  let found: EventTime | null = null
  for (const place of places) {
    const at = readTime(follow(root, place.names))
    if (at !== null && (found === null || at > found.at)) found = { at, source: place.path }
  }
  return found
}

function follow(root: ObjectView, names: readonly string[]): JsonView | undefined {
  let value: JsonView | undefined = root
  for (const name of names) value = value instanceof ObjectView ? value.member(name) : undefined
  return value
}

/** 0001-01-01 and the end of 9999: what a date column of any engine can hold. */
const earliest = -62_135_596_800_000
const last = 253_402_300_799_999

/**
 * What is a number of seconds, of the years 2001 to 2286: as milliseconds it would be a day of
 * early 1970, when nothing of this happened.
 */
export const EPOCH_SECONDS = { from: 1e9, below: 1e10 } as const

/**
 * Whole milliseconds since the Unix epoch, within the years 1 to 9999; null where it is no time.
 */
export function readTime(value: JsonView | undefined): number | null {
  const at = typeof value === 'string' ? fromText(value) : fromNumber(value)
  return at !== null && at >= earliest && at <= last ? Math.floor(at) : null
}

function fromNumber(value: JsonView | undefined): number | null {
  if (typeof value !== 'number') return null
  const isSeconds = value >= EPOCH_SECONDS.from && value < EPOCH_SECONDS.below
  return isSeconds ? 1000 * value : value
}

function fromText(text: string): number | null {
  if (text.length > 40) return null
  const usual = fromUsualIso(text)
  if (!Number.isNaN(usual)) return usual
  return /^-?\d{1,15}$/.test(text) ? fromNumber(Number(text)) : fromIso(text)
}

const date = String.raw`(\d{4})-(\d\d)-(\d\d)`
const clock = String.raw`(\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?`
const zone = String.raw`(Z|[+-]\d\d(?::?\d\d)?)`
const iso = new RegExp(`^${date}(?:[T ]${clock}${zone}?)?$`, 'i')

/**
 * A time without a zone is UTC, as everything of Genesys is; a date alone is its midnight. Digits
 * beyond milliseconds are cut off.
 */
function fromIso(text: string): number | null {
  const match = iso.exec(text)
  if (match === null) return null
  const day = epochOfDay(Number(match[1]), Number(match[2]), Number(match[3]))
  const minutes = minutesOf(match[4], match[5])
  const seconds = Number(match[6] ?? 0)
  const offset = offsetOf(match[8])
  if (day === null || minutes === null || seconds > 59 || offset === null) return null
  const millis = Number(`${match[7] ?? ''}00`.slice(0, 3))
  return day + (minutes - offset) * 60_000 + seconds * 1000 + millis
}

/**
 * `2026-01-02T03:04:05Z` and `2026-01-02T03:04:05.678Z`, as nearly every body writes it: a regular
 * expression would be most of the cost of recognising. NaN for anything else.
 */
function fromUsualIso(text: string): number {
  const { length } = text
  const isLong = length === 24 && text[19] === '.'
  if (!isLong && length !== 20) return Number.NaN
  const isDate = text[4] === '-' && text[7] === '-' && text[10] === 'T'
  if (!isDate || text[13] !== ':' || text[16] !== ':' || text[length - 1] !== 'Z') return Number.NaN
  const day = epochOfDay(digits(text, 0, 4), digits(text, 5, 7), digits(text, 8, 10))
  const hours = digits(text, 11, 13)
  const minutes = digits(text, 14, 16)
  const seconds = digits(text, 17, 19)
  const millis = isLong ? digits(text, 20, 23) : 0
  if (day === null || !(hours < 24 && minutes < 60 && seconds < 60)) return Number.NaN
  return day + (hours * 60 + minutes) * 60_000 + seconds * 1000 + millis
}

/** NaN where one of the characters is no digit. */
function digits(text: string, from: number, to: number): number {
  let value = 0
  for (let at = from; at < to; at++) {
    const digit = text.charCodeAt(at) - 0x30
    if (digit < 0 || digit > 9) return Number.NaN
    value = 10 * value + digit
  }
  return value
}

const DAY_MS = 86_400_000
/** From the last of February of the year 0. */
const DAYS_BEFORE_1970 = 719_469
const daysInMonth = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

/**
 * Counted from March, a leap day is the last of its year and the months before it have 153 days in
 * five. Date.UTC is several times the cost, and reads the years 0 to 99 as 1900 to 1999.
 */
function epochOfDay(year: number, month: number, day: number): number | null {
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
  const isDay = day >= 1 && day <= (daysInMonth[month - 1] ?? 0)
  if (!isDay || (month === 2 && day === 29 && !isLeap)) return null
  const years = month > 2 ? year : year - 1
  const months = month > 2 ? month - 3 : month + 9
  const leapDays = Math.floor(years / 4) - Math.floor(years / 100) + Math.floor(years / 400)
  const days = 365 * years + leapDays + Math.floor((153 * months + 2) / 5) + day
  return (days - DAYS_BEFORE_1970) * DAY_MS
}

function minutesOf(hours = '0', minutes = '0'): number | null {
  const isTime = Number(hours) < 24 && Number(minutes) < 60
  return isTime ? Number(hours) * 60 + Number(minutes) : null
}

/** Minutes east of UTC. */
function offsetOf(text = 'Z'): number | null {
  if (text.length === 1) return 0
  const minutes = minutesOf(text.slice(1, 3), text.slice(3).replace(':', ''))
  return minutes !== null && text.startsWith('-') ? -minutes : minutes
}
