/**
 * Analytics records as they were pulled last. The table keeps every pull, because the half hours
 * that an older one was counted in are found by its rows (docs/adr/026); whoever asks silver for
 * what a record says asks here.
 *
 * A pull without an organisation is of the one that others name for its conversation. A record that
 * names no conversation stands for itself.
 */
import { conversationDetails } from './silver.ts'
import type { JoinedView } from './table.ts'

const columns = conversationDetails.columns.map(({ name }) => name).join(', ')

/** The latest first; the rows of one pull share a place. */
export const latestPull =
  'received_at DESC NULLS LAST, journal_id, journal_partition, position DESC'

export const latestDetails: JoinedView = {
  name: 'silver.latest_conversation_details',
  description:
    '`silver.conversation_details` of the latest pull of each conversation: a session is one row, and sums are right.',
  tables: [conversationDetails],
  isPortable: true,
  select: `SELECT ${columns}
FROM (
  SELECT *,
    rank() OVER (PARTITION BY coalesce(conversation_id, event_id), known_org_id
      ORDER BY ${latestPull}) AS pull
  FROM (
    SELECT *,
      coalesce(org_id, max(org_id) OVER (PARTITION BY conversation_id)) AS known_org_id
    FROM ${conversationDetails.name}) AS owned) AS ranked
WHERE pull = 1`,
}
