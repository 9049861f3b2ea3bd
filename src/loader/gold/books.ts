/**
 * `gold.books` as SQL: what came of each source in each hour, and what became of it.
 *
 * What landed counts in the hour it was received. What ingress acknowledged is known from its
 * tallies, each of which covers a run of positions and is written a second later, or more: where
 * that is the next hour, what it covers counts in the hour it was received all the same. So
 * acknowledged and landed meet hour by hour. What no tally covers counts as acknowledged, as in the
 * audit (../untold.ts).
 *
 * Limits: a tally that comes more than `TALLY_DELAY_MS` into the next hour counts there whole.
 */
import { refusedSql, talliedSql } from '../tallied.ts'
import { tallyItems, untoldRows } from '../untold.ts'
import { dayOfSql } from './half-hours.ts'

/** How far around the end of an hour tallies and what they cover are looked for. */
export const TALLY_DELAY_MS = 600_000

const hourUs = 3_600_000_000

/** The hour that a TIMESTAMPTZ lies in. */
export function hourSql(time: string): string {
  return `(${time} - to_microseconds(epoch_us(${time}) % ${hourUs}))`
}

const outcomes = {
  events: 'event',
  duplicates: 'duplicate',
  dead_letters: 'dead_letter',
  notes: 'note',
}
const promised = ['acknowledged', 'filtered', 'shed', 'refused']
const counted = [...Object.keys(outcomes), ...promised]
const counts = Object.entries(outcomes).map(
  ([name, outcome]) => `count(*) FILTER (outcome = '${outcome}') AS ${name}`,
)
const told = ['acknowledged', 'filtered', 'shed'].map((name) => `${talliedSql(name)} AS ${name}`)

/**
 * A query over `bronze`, with the columns of `bronze.arrivals`. The hours it gives are right where
 * `bronze` has what was received in them, and all within an hour of them that is a note or lies
 * within `TALLY_DELAY_MS`.
 */
export const booksSql = `
  WITH ${tallyItems.join(',\n')},
  entries AS (
    SELECT *, ${hourSql('received_at')} AS hour, coalesce(source, '') AS sender_source,
      ${told.join(', ')}, ${refusedSql} AS refused,
      ${talliedSql('from')} AS low, ${talliedSql('to')} AS high
    FROM bronze),
  moved AS (
    SELECT rows.hour AS hour, tally.hour AS told_hour, rows.sender_source, count(*) AS moved
    FROM entries AS tally JOIN entries AS rows
      ON rows.journal_id = tally.journal_id AND rows.journal_partition = tally.journal_partition
      AND rows.sender_source = tally.sender_source AND rows.outcome <> 'note'
      AND rows.position >= tally.low AND rows.position < tally.high
    WHERE tally.outcome = 'note' AND tally.reason = 'tally' AND tally.acknowledged > 0
      AND tally.received_at < tally.hour + to_milliseconds(${TALLY_DELAY_MS})
      AND rows.received_at < tally.hour
      AND rows.received_at >= tally.hour - to_milliseconds(${TALLY_DELAY_MS})
    GROUP BY ALL),
  parts AS (
    SELECT hour, sender_source, ${counts.join(', ')},
      ${promised.map((name) => `sum(${name}) AS ${name}`).join(', ')}
    FROM entries GROUP BY ALL
    UNION ALL BY NAME SELECT hour, sender_source, moved AS acknowledged FROM moved
    UNION ALL BY NAME SELECT told_hour AS hour, sender_source, -moved AS acknowledged FROM moved
    UNION ALL BY NAME
    SELECT ${hourSql('received_at')} AS hour, coalesce(source, '') AS sender_source,
      count(*) AS acknowledged ${untoldRows} GROUP BY ALL)
  SELECT *, acknowledged - events - duplicates - dead_letters AS difference,
    ${dayOfSql('hour')} AS date
  FROM (
    SELECT hour, sender_source AS source,
      ${counted.map((name) => `coalesce(sum(${name}), 0)::BIGINT AS ${name}`).join(', ')}
    FROM parts GROUP BY ALL)`
