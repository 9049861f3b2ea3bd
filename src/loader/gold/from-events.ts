/**
 * Conversations as detail events tell them.
 *
 * The same step may be told twice, by two routes or under two event ids: a step of a session at a
 * moment is one step, and a value that any telling of it has, it has. So order, repetition and
 * route of arrival leave no trace.
 */

export const eventDurations = [
  'interacting',
  'held',
  'dialing',
  'contacting',
  'connected',
  'wrap_up',
].map((name) => `${name}_ms`)
const values = [
  ...['media_type', 'direction', 'queue_id', 'user_id', 'disconnect_type', 'acd_outcome'],
  ...['answered_user_id', 'wrap_up_code', ...eventDurations],
]

const when = (type: string, aggregate: string) => `${aggregate} FILTER (event_type = '${type}')`
const sum = (type: string, name: string) => `coalesce(${when(type, `sum(${name})`)}, 0)::BIGINT`
const isOpen = (type: string) =>
  `${when(`${type}.start`, 'count(*)')} > ${when(`${type}.end`, 'count(*)')}`

/** Of a session, the codes that steps of one type recorded; null for none. */
const codes = (type: string) =>
  `list(wrap_up_code ORDER BY event_time, wrap_up_code)
    FILTER (event_type = '${type}' AND wrap_up_code IS NOT NULL)`

/** Items of a WITH clause; they read `events`. */
export const eventItems: readonly string[] = [
  `steps AS (
    SELECT conversation_id, org_id, event_type, event_time,
      coalesce(session_id, participant_id, '') AS session_id,
      ${values.map((name) => `max(${name}) AS ${name}`).join(', ')}
    FROM events GROUP BY ALL)`,
  // The first coming to a queue within a session belongs to the first leaving, and so on.
  `queueing AS (
    SELECT *, row_number() OVER (PARTITION BY conversation_id, org_id, session_id, event_type
      ORDER BY event_time) AS turn
    FROM steps WHERE event_type IN ('acd.start', 'acd.end'))`,
  `events_visits AS (
    SELECT conversation_id, org_id, session_id, max(queue_id) AS queue_id,
      max(media_type) AS media_type, ${when('acd.end', 'max(event_time)')} AS to_time,
      ${sum('acd.end', 'connected_ms')} AS wait_ms,
      coalesce(${when('acd.start', 'max(event_time)')}, to_time - to_milliseconds(wait_ms))
        AS from_time,
      coalesce(max(acd_outcome),
        CASE WHEN max(answered_user_id) IS NOT NULL THEN 'answered' END, 'unknown') AS outcome
    FROM queueing GROUP BY conversation_id, org_id, session_id, turn)`,
  `events_legs AS (
    SELECT conversation_id, org_id, session_id, max(user_id) AS user_id,
      max(queue_id) AS queue_id, max(media_type) AS media_type,
      coalesce(${when('user.start', 'min(event_time)')}, min(event_time)) AS from_time,
      CASE WHEN NOT (${isOpen('user')})
        THEN coalesce(${when('user.end', 'max(event_time)')}, min(event_time)) END AS to_time,
      coalesce(${when('acw', 'max(event_time)')}, ${when('wrapup', 'max(event_time)')})
        AS acw_time,
      ${sum('user.end', 'interacting_ms')} AS talk_ms, ${sum('user.end', 'held_ms')} AS hold_ms,
      ${sum('user.end', 'dialing_ms')} AS dialing_ms,
      ${sum('user.end', 'contacting_ms')} AS contacting_ms,
      coalesce(${when('acw', 'sum(wrap_up_ms)')}, ${when('wrapup', 'max(wrap_up_ms)')}, 0)::BIGINT
        AS acw_ms,
      count(*) FILTER (event_type = 'user.end'
        AND disconnect_type IN ('transfer', 'consultTransfer')) AS transfers,
      coalesce(${codes('acw')}, ${codes('wrapup')}, []) AS wrap_up_codes
    FROM steps WHERE event_type IN ('user.start', 'user.end', 'acw', 'wrapup')
    GROUP BY conversation_id, org_id, session_id)`,
  `stays AS (
    SELECT conversation_id, org_id, session_id,
      bool_or(event_type LIKE 'customer.%') AS is_customer,
      ${['customer', 'user', 'acd', 'flow', 'voicemail'].map(isOpen).join(' OR ')} AS is_open,
      max(event_time) FILTER (event_type LIKE '%.end') AS ended
    FROM steps GROUP BY conversation_id, org_id, session_id)`,
  `ends AS (
    SELECT conversation_id, org_id, bool_or(is_open) AS is_open,
      CASE WHEN count(*) FILTER (is_customer) > 0
        THEN CASE WHEN NOT bool_or(is_customer AND is_open)
          THEN max(ended) FILTER (is_customer) END
        WHEN NOT bool_or(is_open) THEN max(ended) END AS end_time
    FROM stays GROUP BY conversation_id, org_id)`,
  `events_heads AS (
    SELECT conversation_id, org_id, min(event_time) AS start_time,
      ${ofCustomer('media_type')}, ${ofCustomer('direction')},
      any_value(end_time) AS end_time, any_value(is_open) AS is_open
    FROM steps JOIN ends USING (conversation_id, org_id) GROUP BY conversation_id, org_id)`,
]

/** What the customer's first step says, else the first of any. */
function ofCustomer(name: string): string {
  const order = `(event_type NOT LIKE 'customer.%', event_time, ${name})`
  return `arg_min(${name}, ${order}) FILTER (${name} IS NOT NULL) AS ${name}`
}
