/**
 * What the headers of an answer say about how fast Genesys may be asked. Headers that cannot be
 * read say nothing.
 */
import type { ToldLimit } from './governor.ts'

const DAY_S = 86_400

export function toldLimit(headers: Headers): ToldLimit | null {
  const [count, allowed, reset] = ['count', 'allowed', 'reset'].map((name) =>
    wholeNumber(headers.get(`inin-ratelimit-${name}`)),
  )
  if (count == null || allowed == null || reset == null || allowed === 0) return null
  return { count, allowed, resetMs: Math.min(reset, 120) * 1000 }
}

/** How long a refused call should wait, ms; null where nothing says so. `now`: wall clock. */
export function askedWait(headers: Headers, now: number): number | null {
  const text = headers.get('retry-after')
  const seconds = wholeNumber(text)
  if (seconds !== null) return Math.min(seconds, DAY_S) * 1000
  const at = text === null ? Number.NaN : Date.parse(text)
  if (!Number.isNaN(at)) return Math.min(Math.max(0, at - now), DAY_S * 1000)
  const told = toldLimit(headers)
  // It counts whole seconds: one more is surely past the end.
  return told === null ? null : told.resetMs + 1000
}

function wholeNumber(text: string | null): number | null {
  return text !== null && /^\d{1,9}$/.test(text) ? Number(text) : null
}
