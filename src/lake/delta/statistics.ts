/**
 * File statistics: how many rows, and for some columns the least, the greatest and the nulls.
 *
 * They let engines skip files, so that a bound may be too wide and never too narrow:
 * - a long text is cut to a prefix; the upper bound is the prefix with a greatest character behind
 *   it
 * - texts are ordered by code point, which is the order of their UTF-8 bytes
 * - times are whole milliseconds, the lower bound rounded down, the upper one up
 * Source: PROTOCOL.md, "Per-file Statistics".
 */
import type { ColumnType } from '../../tables/table.ts'

/** Bounds of a column: a text, a number, or for TIMESTAMPTZ milliseconds since the epoch. */
export interface ColumnBounds {
  readonly name: string
  readonly type: ColumnType
  /** Null where every value is null. */
  readonly min: string | number | null
  readonly max: string | number | null
  readonly nulls: number
}

const prefixLength = 32
/** The greatest code point, which no well-formed text exceeds in any place. */
const greatest = '\u{10ffff}'

/** The text for `add.stats`. */
export function statsText(rows: number, columns: readonly ColumnBounds[]): string {
  const bounded = columns.filter(({ min, max }) => min !== null && max !== null)
  return JSON.stringify({
    numRecords: rows,
    minValues: Object.fromEntries(bounded.map((one) => [one.name, lower(one)])),
    maxValues: Object.fromEntries(bounded.map((one) => [one.name, upper(one)])),
    nullCount: Object.fromEntries(columns.map(({ name, nulls }) => [name, nulls])),
  })
}

/** Of bounds of parts, those of the whole: one of each column, in the order that they came in. */
export function widest(parts: readonly ColumnBounds[]): ColumnBounds[] {
  const whole = new Map<string, ColumnBounds>()
  for (const part of parts) {
    const known = whole.get(part.name)
    whole.set(part.name, known === undefined ? part : widened(known, part))
  }
  return [...whole.values()]
}

function widened(a: ColumnBounds, b: ColumnBounds): ColumnBounds {
  const min = a.min === null || (b.min !== null && isLess(b.min, a.min)) ? b.min : a.min
  const max = a.max === null || (b.max !== null && isLess(a.max, b.max)) ? b.max : a.max
  return { ...a, min, max, nulls: a.nulls + b.nulls }
}

/** A number, or for a time milliseconds since the epoch; both ends included. */
export interface Span {
  readonly from: number
  readonly until: number
}

/**
 * The least and the greatest number or time of a column, as `add.stats` tells them; everything
 * where it tells nothing.
 */
export function spanOf(stats: string | null, column: string): Span {
  const { minValues, maxValues }: StoredStatistics = stats === null ? {} : JSON.parse(stats)
  return {
    from: numberOf(minValues?.[column]) ?? Number.NEGATIVE_INFINITY,
    until: numberOf(maxValues?.[column]) ?? Number.POSITIVE_INFINITY,
  }
}

/** False where the statistics say that no value of a column of texts is `text`. */
export function mayHoldText(stats: string | null, column: string, text: string): boolean {
  const { minValues, maxValues }: StoredStatistics = stats === null ? {} : JSON.parse(stats)
  const [least, greatest] = [minValues?.[column], maxValues?.[column]]
  if (typeof least === 'string' && compareByCodePoint(text, least) < 0) return false
  return typeof greatest !== 'string' || compareByCodePoint(text, greatest) <= 0
}

interface StoredStatistics {
  readonly minValues?: Readonly<Record<string, unknown>>
  readonly maxValues?: Readonly<Record<string, unknown>>
}

/** Null for what is no number and no time: other engines may have written it. */
function numberOf(value: unknown): number | null {
  const number = typeof value === 'string' ? Date.parse(value) : value
  return typeof number === 'number' && Number.isFinite(number) ? number : null
}

/** Negative, 0 or positive, as the UTF-8 bytes of well-formed texts compare. */
export function compareByCodePoint(a: string, b: string): number {
  const length = Math.min(a.length, b.length)
  let at = 0
  while (at < length && a.charCodeAt(at) === b.charCodeAt(at)) at++
  if (at === length) return a.length - b.length
  return rank(a.charCodeAt(at)) - rank(b.charCodeAt(at))
}

function isLess(a: string | number, b: string | number): boolean {
  if (typeof a === 'string' && typeof b === 'string') return compareByCodePoint(a, b) < 0
  return a < b
}

/** Code units in code point order: surrogates come after U+E000 to U+FFFF. */
function rank(unit: number): number {
  if (unit < 0xd800) return unit
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800
}

function lower({ type, min }: ColumnBounds): unknown {
  if (typeof min === 'string') return cut(min, prefixLength)
  return type === 'TIMESTAMPTZ' && min !== null ? new Date(Math.floor(min)).toISOString() : min
}

function upper({ type, max }: ColumnBounds): unknown {
  if (typeof max === 'string') return cutUp(max)
  return type === 'TIMESTAMPTZ' && max !== null ? new Date(Math.ceil(max)).toISOString() : max
}

function cutUp(text: string): string {
  let length = prefixLength
  while (text.startsWith(greatest, cut(text, length).length)) length += greatest.length
  const prefix = cut(text, length)
  return prefix.length === text.length ? text : prefix + greatest
}

/** At most `length` code units, never half of a surrogate pair. */
function cut(text: string, length: number): string {
  if (text.length <= length) return text
  const last = text.charCodeAt(length - 1)
  return text.slice(0, last >= 0xd800 && last < 0xdc00 ? length - 1 : length)
}
