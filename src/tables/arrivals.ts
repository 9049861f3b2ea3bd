/** `bronze.arrivals`: one row for each durable position of each journal partition. */
import type { Slice } from '../core/slice.ts'
import { column, measured, personal } from './columns.ts'
import type { Table, View } from './table.ts'

export const arrivals: Table = {
  name: 'bronze.arrivals',
  description: 'Everything that arrived, exactly as it arrived, with what became of it.',
  row: 'a position of a journal partition',
  partitionedBy: ['outcome', 'date'],
  columns: [
    column(
      'outcome',
      'VARCHAR',
      'What became of it: `event`, `duplicate`, `dead_letter` or `note`.',
    ),
    column('date', 'DATE', 'The day it was received, UTC.'),
    measured(column('event_id', 'VARCHAR', 'The identity of the event within its source.')),
    column(
      'org_id',
      'VARCHAR',
      'The Genesys organisation, where the body or the source names one.',
    ),
    column('source', 'VARCHAR', 'The configured sender it came through.'),
    column('dialect', 'VARCHAR', 'The shape of the payload.'),
    column('topic', 'VARCHAR', 'The concrete Genesys topic, in dialects that have one.'),
    column('event_type', 'VARCHAR', 'The low-cardinality name it is routed by.'),
    measured(column('event_time', 'TIMESTAMPTZ', 'When it happened, as the body says.')),
    column(
      'event_time_source',
      'VARCHAR',
      'The field `event_time` came from; `received_at` for none.',
    ),
    measured(column('received_at', 'TIMESTAMPTZ', 'When it was received.')),
    measured(column('conversation_id', 'VARCHAR', 'The conversation it belongs to.')),
    column('sender', 'VARCHAR', 'The proven identity of who delivered it.'),
    column('headers', 'VARCHAR', 'Allow-listed request headers, a JSON object.'),
    personal(
      column('body', 'VARCHAR', 'The exact slice of the decoded request, where it is UTF-8.'),
    ),
    personal(column('body_bytes', 'BLOB', 'The same, where it is not UTF-8.')),
    column('body_sha256', 'VARCHAR', 'SHA-256 of the body, lower-case hexadecimal.'),
    column('reason', 'VARCHAR', 'Why it is no plain event: a stable word.'),
    column('detail', 'VARCHAR', 'What exactly was found; for a note, the note as a JSON object.'),
    column(
      'first_position',
      'BIGINT',
      'For a duplicate: the position that it repeats, in the partition that `detail` names.',
    ),
    column('journal_id', 'VARCHAR', 'The UUID of the journal.'),
    measured(column('journal_partition', 'VARCHAR', 'The partition of the journal.')),
    measured(column('position', 'BIGINT', 'The place in the partition.')),
  ],
}

const view = (name: string, outcome: string, description: string): View => ({
  name,
  description,
  table: arrivals,
  where: `outcome = '${outcome}'`,
})

export const arrivalViews: readonly View[] = [
  view('bronze.events', 'event', 'Every event, once.'),
  view('bronze.duplicates', 'duplicate', 'Repeated deliveries of an event that is already there.'),
  view('bronze.dead_letters', 'dead_letter', 'What could not pass, kept whole.'),
  view('bronze.notes', 'note', 'What Inlet did and saw: tallies, gaps, decisions.'),
]

/**
 * The conversations that a row tells of, as a list: its own; where its body could not be read,
 * those that the text names all the same. Genesys gives UUIDs.
 */
export const namedConversationsSql = `CASE WHEN conversation_id IS NOT NULL THEN [conversation_id]
  ELSE list_distinct(regexp_extract_all(body,
    '"(?:conversationId|interactionId)"\\s*:\\s*"([0-9a-fA-F-]{36})"', 1)) END`

export type Outcome = 'event' | 'duplicate' | 'dead_letter' | 'note'

/**
 * A row as the loader plans it. Times in milliseconds since the epoch; `date` follows from them.
 */
export interface Arrival {
  readonly outcome: Outcome
  readonly eventId: string | null
  readonly orgId: string | null
  readonly source: string | null
  readonly dialect: string | null
  readonly topic: string | null
  readonly eventType: string | null
  readonly eventTime: number | null
  readonly eventTimeSource: string | null
  readonly receivedAt: number
  readonly conversationId: string | null
  readonly sender: string | null
  readonly headers: string | null
  /**
   * Goes to `body` where it is UTF-8, else to `body_bytes`; null for duplicates told by a repeat
   * record and for notes.
   */
  readonly body: Uint8Array | null
  readonly bodySha256: Uint8Array | null
  readonly reason: string | null
  readonly detail: string | null
  readonly firstPosition: number | null
  readonly journalId: string
  readonly journalPartition: string
  readonly position: number
  /**
   * Where the row stands in bytes: it can be copied from there. Such a row works its fields out as
   * they are asked for: it must not be spread.
   */
  readonly stored?: StoredFields
}

/** Fields that an arrival has for itself; the others it mostly shares with its neighbours. */
export type SlicedField = 'eventId' | 'topic' | 'conversationId' | 'body' | 'bodySha256'

export interface StoredFields {
  /** Says in `slice` where a field stands, texts as UTF-8; false for null. */
  find(field: SlicedField, slice: Slice): boolean
}
