/**
 * `gold.agent_intervals` as SQL: what agents were doing and what they did, half hour by half hour.
 *
 * A state lasts until the next of its kind; a state within a conversation until the next of its
 * session, so that several may last at once. One that nothing has ended lasts until the last that
 * was heard of its agent, whatever kind it was: no clock is asked. None counts for longer than a
 * day: by then the end was lost, or it is an absence.
 *
 * Handled work counts where queues count it (./queue-intervals.ts).
 */
import { dayOfSql, halfHourSql } from './half-hours.ts'
import { workMoments } from './queue-intervals.ts'
import { timeSql } from './sane.ts'
import { toldItems } from './told.ts'

/** Beyond this, what came before or comes after changes nothing. */
export const LONGEST_STATE_MS = 86_400_000

/** A query over `agent_states`. */
export function agentStatesSql(timeZone: string): string {
  const first = halfHourSql('state_at', timeZone)
  const last = halfHourSql('ended_at', timeZone)
  return `
    WITH ${stretches},
    pieces AS (
      SELECT *, unnest(generate_series(first, last, INTERVAL 30 MINUTES)) AS interval_start
      FROM (SELECT *, ${first} AS first, ${last} AS last FROM stretches))
    SELECT nullif(org_id, '') AS org_id, user_id, interval_start, kind, state,
      sum(epoch_ms(least(ended_at, interval_start + INTERVAL 30 MINUTES))
        - epoch_ms(greatest(state_at, interval_start)))::BIGINT AS state_ms,
      count(*) FILTER (interval_start = first) AS entered,
      ${workColumns.map((name) => `NULL::BIGINT AS ${name}`).join(', ')},
      bool_or(is_open AND interval_start = last) AS provisional,
      ${dayOfSql('interval_start')} AS date
    FROM pieces WHERE interval_start = first OR interval_start < ended_at
    GROUP BY ALL`
}

/** A query over `conversation_events`, `conversation_details` and `interactions`. */
export function agentWorkSql(timeZone: string): string {
  return `
    WITH ${[...toldItems, `moments AS (${workMoments('user_id')})`].join(',\n')}
    SELECT nullif(org_id, '') AS org_id, user_id,
      ${halfHourSql('emitted_at', timeZone)} AS interval_start,
      'handling' AS kind, media_type AS state, NULL::BIGINT AS state_ms, NULL::BIGINT AS entered,
      ${workColumns.map((name) => `coalesce(sum(${name}), 0)::BIGINT AS ${name}`).join(', ')},
      false AS provisional, ${dayOfSql('interval_start')} AS date
    FROM moments WHERE user_id IS NOT NULL AND emitted_at IS NOT NULL
    GROUP BY ALL`
}

const workColumns = ['handled', 'talk_ms', 'hold_ms', 'acw_ms', 'handle_ms']

const stretches = `
  changes AS (
    SELECT coalesce(org_id, '') AS org_id, user_id, coalesce(${timeSql('state_at')}, event_time)
        AS state_at,
      CASE WHEN kind IN ('login', 'logout') THEN 'login' ELSE kind END AS kind,
      CASE kind WHEN 'login' THEN 'loggedIn' WHEN 'logout' THEN 'loggedOut' ELSE state END AS state,
      CASE WHEN kind = 'session' THEN concat(conversation_id, '/', session_id) END AS thread
    FROM agent_states
    WHERE user_id IS NOT NULL AND (kind <> 'presence' OR is_primary IS DISTINCT FROM false)),
  states AS (
    SELECT org_id, user_id, kind, thread, state_at, max(state) AS state,
      lead(state_at) OVER (PARTITION BY org_id, user_id, kind, thread ORDER BY state_at) AS next_at,
      max(state_at) OVER (PARTITION BY org_id, user_id) AS heard_at
    FROM changes WHERE state IS NOT NULL GROUP BY org_id, user_id, kind, thread, state_at),
  stretches AS (
    SELECT *, next_at IS NULL AS is_open,
      least(coalesce(next_at, heard_at), state_at + to_milliseconds(${LONGEST_STATE_MS}))
        AS ended_at
    FROM states WHERE state NOT IN ('terminated', 'loggedOut'))`
