/**
 * `gold.queue_intervals` as SQL: what happened at each queue, half hour by half hour.
 *
 * As in Genesys, a figure counts where the metric behind it is emitted: an offer when the customer
 * comes to the queue, an answer or an abandon when the wait ends, talk and hold when the agent's
 * session ends, after-call work when that ends, and the handling when all of it is over. So an
 * interval's offers need not add up to its answers; https://help.mypurecloud.com calls that by
 * design. Conversations that only webhooks tell of have no moments, and are not in here.
 */
import { literal } from '../../lake/sql/quote.ts'
import { dayOfSql, halfHourSql } from './half-hours.ts'
import { toldItems } from './told.ts'

export interface GoldOptions {
  /** An IANA name. */
  readonly timeZone: string
  /** Ms within which an answer is in time, by medium; others have `defaultWithinMs`. */
  readonly serviceLevel: ReadonlyMap<string, number>
  /** Ms; who leaves a queue sooner gave it no chance. */
  readonly shortAbandonMs: number
}

export const defaultWithinMs = 20_000

/** A query over `conversation_events`, `conversation_details` and `interactions`. */
export function queueIntervalsSql(options: GoldOptions): string {
  return `
    WITH ${[...toldItems, moments(options)].join(',\n')}
    SELECT * REPLACE (nullif(org_id, '') AS org_id),
      answered_in_time::DOUBLE / nullif(answered + abandoned - short_abandoned, 0)
        AS service_level,
      ${average('answer_ms', 'answered')} AS asa_ms,
      ${average('handle_ms', 'handled')} AS aht_ms,
      ${dayOfSql('interval_start')} AS date
    FROM (
      SELECT org_id, queue_id, media_type,
        ${halfHourSql('emitted_at', options.timeZone)} AS interval_start,
        ${counted.map((name) => `coalesce(sum(${name}), 0)::BIGINT AS ${name}`).join(', ')},
        bool_or(coalesce(is_open, false)) AS provisional
      FROM moments WHERE queue_id IS NOT NULL AND emitted_at IS NOT NULL
      GROUP BY ALL)`
}

const counted = [
  ...['offered', 'answered', 'abandoned', 'short_abandoned', 'flowed_out', 'answered_in_time'],
  ...['answer_ms', 'abandon_ms', 'handled', 'talk_ms', 'hold_ms', 'acw_ms', 'handle_ms'],
]

/** To the nearest ms; null for none. */
function average(sum: string, count: string): string {
  return `(2 * ${sum} + ${count}) // nullif(2 * ${count}, 0)`
}

/** What is emitted, and when. */
function moments({ serviceLevel, shortAbandonMs }: GoldOptions): string {
  const thresholds = [...serviceLevel].map(
    ([medium, within]) => `WHEN media_type = ${literal(medium)} THEN ${within}`,
  )
  const within = `CASE ${thresholds.join(' ')} WHEN true THEN ${defaultWithinMs} END`
  return `moments AS (
    SELECT org_id, queue_id, media_type, from_time AS emitted_at, 1 AS offered,
      to_time IS NULL AS is_open
    FROM visits
    UNION ALL BY NAME
    SELECT org_id, queue_id, media_type, to_time AS emitted_at,
      (outcome = 'answered')::INT AS answered, (outcome = 'abandon')::INT AS abandoned,
      (outcome = 'abandon' AND wait_ms < ${shortAbandonMs})::INT AS short_abandoned,
      (outcome = 'flowOut')::INT AS flowed_out,
      (outcome = 'answered' AND wait_ms <= ${within})::INT AS answered_in_time,
      CASE WHEN outcome = 'answered' THEN wait_ms END AS answer_ms,
      CASE WHEN outcome = 'abandon' THEN wait_ms END AS abandon_ms
    FROM visits WHERE to_time IS NOT NULL
    UNION ALL BY NAME
    SELECT org_id, queue_id, media_type, from_time AS emitted_at, true AS is_open
    FROM legs WHERE to_time IS NULL
    UNION ALL BY NAME ${workMoments('queue_id')})`
}

/** What agents' parts emit, for whatever `subject` they count for. */
export function workMoments(subject: string): string {
  return `
    SELECT org_id, ${subject}, media_type, to_time AS emitted_at, talk_ms, hold_ms
    FROM legs WHERE to_time IS NOT NULL
    UNION ALL BY NAME
    SELECT org_id, ${subject}, media_type, acw_time AS emitted_at, acw_ms
    FROM legs WHERE acw_time IS NOT NULL
    UNION ALL BY NAME
    SELECT org_id, ${subject}, media_type, greatest(to_time, acw_time) AS emitted_at,
      1 AS handled, handle_ms
    FROM (SELECT *, talk_ms + hold_ms + acw_ms + dialing_ms + contacting_ms AS handle_ms FROM legs)
    WHERE to_time IS NOT NULL AND handle_ms > 0`
}
