/**
 * Who tells of a conversation, and what of it happened where: the common ground of the tables of
 * gold. Pure SQL over relations with the names and columns of the silver tables.
 *
 * Of each conversation one teller is believed, whatever else told of it:
 * 1. `details`: the Analytics record, once it knows the end: Genesys settled it
 * 2. `events`: the detail events
 * 3. `details` of a conversation that still went on when it was pulled
 * 4. `interactions`: the webhooks of the guides
 *
 * A row without an organisation belongs to the one that others name for its conversation.
 *
 * The items leave these relations, each with `conversation_id` and `org_id` (empty for none):
 * - `tellers`: `told_by`
 * - `heads`: media, direction, start, end, and whether a part of it is still open
 * - `visits`: a time in a queue
 * - `legs`: an agent's part, with the after-call work that follows it
 */
import { latestPull } from '../../tables/latest.ts'
import { detailItems, sessionDurations, sessionTimes } from './from-details.ts'
import { eventDurations, eventItems } from './from-events.ts'
import { snapshotDurations, snapshotTimes } from './from-snapshots.ts'
import { saneColumns } from './sane.ts'

const sources = ['conversation_events', 'conversation_details', 'interactions'] as const

/** Relations that the items read. */
export type Told = (typeof sources)[number]

/** Items of a WITH clause, in order. */
export const toldItems: readonly string[] = [
  `orgs AS (
    SELECT conversation_id, max(org_id) AS known_org_id
    FROM (${sources.map(idsOf).join(' UNION ALL ')})
    WHERE conversation_id IS NOT NULL GROUP BY conversation_id)`,
  owned('events', 'conversation_events', { durations: eventDurations, times: [] }),
  owned('pulled', 'conversation_details', { durations: sessionDurations, times: sessionTimes }),
  owned('snapshots', 'interactions', { durations: snapshotDurations, times: snapshotTimes }),
  // Of a record that was pulled again, the latest holds.
  `sessions AS (
    SELECT * FROM pulled QUALIFY rank() OVER (PARTITION BY conversation_id, org_id
      ORDER BY ${latestPull}) = 1)`,
  ...eventItems,
  ...detailItems,
  `tellers AS (
    SELECT conversation_id, org_id, arg_min(told_by, place) AS told_by FROM (
      SELECT conversation_id, org_id, 'details' AS told_by,
        CASE WHEN conversation_end IS NULL THEN 3 ELSE 1 END AS place FROM sessions
      UNION ALL SELECT conversation_id, org_id, 'events', 2 FROM steps
      UNION ALL SELECT conversation_id, org_id, 'interactions', 4 FROM snapshots)
    GROUP BY conversation_id, org_id)`,
  believed('heads'),
  believed('visits'),
  believed('legs'),
]

function idsOf(source: Told): string {
  return `SELECT conversation_id, org_id FROM ${source}`
}

/** The rows of a source that belong to a conversation, each with its organisation. */
function owned(name: string, source: Told, limited: Parameters<typeof saneColumns>[0]): string {
  return `${name} AS (
    SELECT * REPLACE (coalesce(org_id, known_org_id, '') AS org_id, ${saneColumns(limited)})
    FROM ${source} JOIN orgs USING (conversation_id))`
}

/** Of what both events and details tell, what the teller of the conversation does. */
function believed(name: string): string {
  const of = (teller: string) =>
    `SELECT * FROM ${teller}_${name} JOIN tellers USING (conversation_id, org_id)
      WHERE told_by = '${teller}'`
  return `${name} AS (${of('events')} UNION ALL BY NAME ${of('details')})`
}
