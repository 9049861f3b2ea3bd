/**
 * Sizes and durations as the configuration writes them: a number and a unit, such as `64MiB` or
 * `5d`.
 */
import { InletError } from './errors.ts'

const sizeUnits = { B: 1, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30, TiB: 2 ** 40 } as const
const durationUnits = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const

/** Bytes. */
export function parseSize(text: string): number {
  return parse(text, sizeUnits, { kind: 'size', example: '64MiB' })
}

/** Milliseconds. */
export function parseDuration(text: string): number {
  return parse(text, durationUnits, { kind: 'duration', example: '5s' })
}

/** The largest unit that leaves at least one, with at most one decimal: `1.5GiB`. */
export function formatSize(bytes: number): string {
  return format(bytes, sizeUnits)
}

export function formatDuration(ms: number): string {
  return format(ms, durationUnits)
}

function parse(
  text: string,
  units: Readonly<Record<string, number>>,
  names: { kind: string; example: string },
): number {
  const match = /^(\d+(?:\.\d+)?)\s*([A-Za-z]+)$/.exec(text.trim())
  const factor = match?.[2] === undefined ? undefined : units[match[2]]
  if (match === null || factor === undefined)
    throw new InletError('INL_COR_UNIT', { text, ...names })
  return Math.round(Number(match[1]) * factor)
}

function format(value: number, units: Readonly<Record<string, number>>): string {
  const entries = Object.entries(units).toReversed()
  const fallback = entries.at(-1) ?? ['', 1]
  const [unit, factor] = entries.find(([, size]) => Math.abs(value) >= size) ?? fallback
  return `${Math.round((value / factor) * 10) / 10}${unit}`
}
