/**
 * Conversations as Analytics records tell them: a row for each session, with its metrics summed.
 *
 * A queue was left by an answer where an agent's session for it began meanwhile. After-call work is
 * the last thing in an agent's session.
 */

export const sessionTimes = ['conversation_start', 'session_start', 'session_end']
const summed = ['talk', 'dialing', 'contacting', 'acw']
export const sessionDurations = [...summed, 'held', 'acd'].map((name) => `${name}_ms`)

/** Items of a WITH clause; they read `sessions`. */
export const detailItems: readonly string[] = [
  `details_legs AS (
    SELECT conversation_id, org_id, session_id, user_id, queue_id, media_type,
      session_start AS from_time,
      session_end - to_milliseconds(coalesce(acw_ms, 0)) AS to_time,
      CASE WHEN acw_ms IS NOT NULL THEN session_end END AS acw_time,
      ${summed.map(none).join(', ')},
      coalesce(held_ms, 0) AS hold_ms, coalesce(transferred, 0) AS transfers,
      coalesce(wrap_up_codes, []) AS wrap_up_codes, answered_ms
    FROM sessions WHERE purpose IN ('agent', 'user'))`,
  `details_visits AS (
    SELECT conversation_id, org_id, session_id, queue_id, media_type,
      session_start AS from_time, session_end AS to_time, coalesce(acd_ms, 0) AS wait_ms,
      CASE WHEN abandon_ms IS NOT NULL THEN 'abandon'
        WHEN is_answered THEN 'answered' ELSE 'flowOut' END AS outcome
    FROM (SELECT sessions.*, EXISTS (
        SELECT 1 FROM details_legs AS legs WHERE legs.answered_ms IS NOT NULL
          AND legs.conversation_id = sessions.conversation_id AND legs.org_id = sessions.org_id
          AND legs.queue_id = sessions.queue_id AND legs.from_time >= sessions.session_start
          AND legs.from_time <= sessions.session_end + INTERVAL 1 SECOND) AS is_answered
      FROM sessions WHERE purpose = 'acd'))`,
  `details_heads AS (
    SELECT conversation_id, org_id, ${ofCustomer('media_type')}, ${ofCustomer('direction')},
      coalesce(min(conversation_start), min(session_start), min(event_time)) AS start_time,
      max(conversation_end) AS end_time, max(conversation_end) IS NULL AS is_open
    FROM sessions GROUP BY conversation_id, org_id)`,
]

function none(name: string): string {
  return `coalesce(${name}_ms, 0) AS ${name}_ms`
}

/** What the customer's first session says, else the first of any. */
function ofCustomer(name: string): string {
  const order = `(purpose NOT IN ('customer', 'external'), session_start, ${name})`
  return `arg_min(${name}, ${order}) FILTER (${name} IS NOT NULL) AS ${name}`
}
