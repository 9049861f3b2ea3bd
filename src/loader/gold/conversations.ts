/**
 * `gold.conversations` as SQL: each conversation that the given rows of silver tell of, once.
 *
 * Guarantee: the rows follow from the content of what was told, not from its order, its
 * repetitions or its route. The definition of each figure stands in docs/guides/gold.md.
 */
import { bucketSql } from '../../lake/sql/bucket.ts'
import { snapshotItems } from './from-snapshots.ts'
import { dayOfSql } from './half-hours.ts'
import { toldItems } from './told.ts'

/** A query over `conversation_events`, `conversation_details` and `interactions`. */
export const conversationsSql = `
  WITH ${[...toldItems, ...figures(), ...snapshotItems].join(',\n')}
  SELECT * REPLACE (nullif(org_id, '') AS org_id),
    ${dayOfSql('start_time')} AS date, ${bucketSql('conversation_id')} AS bucket
  FROM (
    SELECT conversation_id, org_id, media_type, direction, start_time, end_time,
      coalesce(queue_ids, []) AS queue_ids, coalesce(user_ids, []) AS user_ids,
      coalesce(wait_ms, 0) AS wait_ms, coalesce(talk_ms, 0) AS talk_ms,
      coalesce(hold_ms, 0) AS hold_ms, coalesce(acw_ms, 0) AS acw_ms,
      coalesce(handle_ms, 0) AS handle_ms, coalesce(transfers, 0) AS transfers,
      coalesce(last_outcome = 'abandon' AND coalesce(spoken_ms, 0) = 0, false) AS abandoned,
      coalesce(wrap_up_codes, []) AS wrap_up_codes, told_by,
      end_time IS NULL OR is_open AS provisional
    FROM heads
      LEFT JOIN waits USING (conversation_id, org_id)
      LEFT JOIN work USING (conversation_id, org_id)
      LEFT JOIN queues USING (conversation_id, org_id)
      LEFT JOIN users USING (conversation_id, org_id)
    UNION ALL BY NAME
    SELECT snapshot_conversations.*, told_by
    FROM snapshot_conversations JOIN tellers USING (conversation_id, org_id)
    WHERE told_by = 'interactions')`

/** What visits and legs add up to. */
function figures(): string[] {
  return [
    `waits AS (
      SELECT conversation_id, org_id, sum(wait_ms)::BIGINT AS wait_ms,
        arg_max(outcome, (from_time, session_id)) AS last_outcome
      FROM visits GROUP BY conversation_id, org_id)`,
    `work AS (
      SELECT conversation_id, org_id, sum(talk_ms)::BIGINT AS talk_ms,
        sum(hold_ms)::BIGINT AS hold_ms, sum(acw_ms)::BIGINT AS acw_ms,
        sum(talk_ms + hold_ms)::BIGINT AS spoken_ms,
        sum(talk_ms + hold_ms + acw_ms + dialing_ms + contacting_ms)::BIGINT AS handle_ms,
        sum(transfers)::BIGINT AS transfers,
        flatten(list(wrap_up_codes ORDER BY acw_time, from_time, session_id)) AS wrap_up_codes
      FROM legs GROUP BY conversation_id, org_id)`,
    // A visit names a queue before an agent does on its behalf.
    `queues AS (
      SELECT conversation_id, org_id, list(queue_id ORDER BY place, queue_id) AS queue_ids FROM (
        SELECT conversation_id, org_id, queue_id, min(place) AS place FROM (
          SELECT conversation_id, org_id, queue_id, (0, from_time, session_id) AS place FROM visits
          UNION ALL
          SELECT conversation_id, org_id, queue_id, (1, from_time, session_id) FROM legs)
        WHERE queue_id IS NOT NULL GROUP BY ALL)
      GROUP BY conversation_id, org_id)`,
    `users AS (
      SELECT conversation_id, org_id, list(user_id ORDER BY place, user_id) AS user_ids FROM (
        SELECT conversation_id, org_id, user_id, min((from_time, session_id)) AS place
        FROM legs WHERE user_id IS NOT NULL GROUP BY ALL)
      GROUP BY conversation_id, org_id)`,
  ]
}
