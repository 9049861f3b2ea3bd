/**
 * Conversations as the webhooks of the guides tell them: the whole again at each change. The latest
 * value that any snapshot has holds; nothing is summed.
 *
 * What a guide does not carry is null: transfers in both, times in the second. Handle time is what
 * they know of it, without dialing and contacting. Whether the customer gave up is known where a
 * state says so, and where an agent took part.
 */

export const snapshotTimes = ['started_at', 'ended_at']
export const snapshotDurations = ['wait_ms', 'talk_ms', 'hold_ms', 'acw_ms']
const carried = ['media_type', 'direction', ...snapshotDurations]

/** The value of the latest snapshot that has one. */
const latest = (name: string) =>
  `arg_max(${name}, (event_time, ${name})) FILTER (${name} IS NOT NULL) AS ${name}`

/** Ids in the order in which they were first told. */
const inOrder = (name: string, order: string) => `
  SELECT conversation_id, org_id, list(${name} ORDER BY place, ${name}) AS ${name}s FROM (
    SELECT conversation_id, org_id, ${name}, min(${order}) AS place
    FROM told_${name}s GROUP BY ALL)
  GROUP BY conversation_id, org_id`

/** Items of a WITH clause; they read `snapshots` and leave `snapshot_conversations`. */
export const snapshotItems: readonly string[] = [
  `told_queue_ids AS (SELECT * FROM snapshots WHERE queue_id IS NOT NULL)`,
  // A wait in a queue comes before what agents do on its behalf, as in the other tellings.
  `snapshot_queues AS (${inOrder('queue_id', "(state IS DISTINCT FROM 'queued', event_time)")})`,
  // The list of participants is in order; whom a snapshot names beside it comes last.
  `told_user_ids AS (
    SELECT conversation_id, org_id, event_time, 1000000 AS turn, user_id
    FROM snapshots WHERE user_id IS NOT NULL
    UNION ALL SELECT conversation_id, org_id, event_time, turn, participants[turn].id
    FROM (SELECT *, unnest(range(1, len(participants) + 1)) AS turn FROM snapshots)
    WHERE participants[turn].role = 'agent' AND participants[turn].id IS NOT NULL)`,
  `snapshot_users AS (${inOrder('user_id', '(event_time, turn)')})`,
  `snapshot_codes AS (
    SELECT conversation_id, org_id, coalesce(
      list(wrap_up_code ORDER BY event_time, wrap_up_code)
        FILTER (state = 'closed' OR event_type = 'disposition.event'),
      [arg_max(wrap_up_code, (event_time, wrap_up_code))]) AS wrap_up_codes
    FROM (SELECT DISTINCT conversation_id, org_id, event_time, event_type, state, wrap_up_code
      FROM snapshots WHERE wrap_up_code IS NOT NULL)
    GROUP BY conversation_id, org_id)`,
  `snapshot_figures AS (
    SELECT conversation_id, org_id,
      ${carried.map(latest).join(', ')},
      coalesce(min(started_at), min(event_time)) AS start_time,
      coalesce(max(ended_at), max(event_time) FILTER (state = 'disconnected')) AS end_time,
      bool_or(state = 'abandoned') AS gave_up
    FROM snapshots GROUP BY conversation_id, org_id)`,
  `snapshot_conversations AS (
    SELECT conversation_id, org_id, media_type, direction, start_time, end_time,
      coalesce(queue_ids, []) AS queue_ids, coalesce(user_ids, []) AS user_ids,
      wait_ms, talk_ms, hold_ms, acw_ms,
      CASE WHEN coalesce(talk_ms, hold_ms, acw_ms) IS NOT NULL THEN
        coalesce(talk_ms, 0) + coalesce(hold_ms, 0) + coalesce(acw_ms, 0) END AS handle_ms,
      NULL::BIGINT AS transfers,
      CASE WHEN user_ids IS NOT NULL THEN false WHEN gave_up THEN true END AS abandoned,
      coalesce(wrap_up_codes, []) AS wrap_up_codes, end_time IS NULL AS provisional
    FROM snapshot_figures
      LEFT JOIN snapshot_queues USING (conversation_id, org_id)
      LEFT JOIN snapshot_users USING (conversation_id, org_id)
      LEFT JOIN snapshot_codes USING (conversation_id, org_id))`,
]
