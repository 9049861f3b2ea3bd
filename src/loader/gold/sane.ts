/**
 * Values that figures may rest on. What a body says beyond these limits stays in silver and is left
 * out of gold: one absurd value must neither stop a sum nor make a partition of its own.
 */

/** A year. */
const mostMs = 366 * 86_400_000

/** The duration `column`, in ms, where it is one; else null. */
export function durationSql(column: string): string {
  return `CASE WHEN ${column} BETWEEN 0 AND ${mostMs} THEN ${column} END`
}

/** The time `column` where it is near to when the row is filed, as an event's own must be. */
export function timeSql(column: string): string {
  return `CASE WHEN ${column} BETWEEN event_time - INTERVAL 400 DAYS
    AND event_time + INTERVAL 400 DAYS THEN ${column} END`
}

/** Each column in place of itself, for `SELECT * REPLACE`. */
export function saneColumns(given: {
  readonly durations: readonly string[]
  readonly times: readonly string[]
}): string {
  const durations = given.durations.map((name) => `${durationSql(name)} AS ${name}`)
  const times = given.times.map((name) => `${timeSql(name)} AS ${name}`)
  return [...durations, ...times].join(', ')
}
