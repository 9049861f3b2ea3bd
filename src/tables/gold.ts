/**
 * Gold: answers to the questions of a contact centre. How each figure is defined is told in its
 * description.
 */
import { column, measured } from './columns.ts'
import type { Table } from './table.ts'

const text = (name: string, description: string) => column(name, 'VARCHAR', description)
const texts = (name: string, description: string) => column(name, 'VARCHAR[]', description)
const ms = (name: string, description: string) => column(name, 'BIGINT', `${description}, ms.`)
const count = (name: string, description: string) => column(name, 'BIGINT', description)
const time = (name: string, description: string) => column(name, 'TIMESTAMPTZ', description)

export const conversations: Table = {
  name: 'gold.conversations',
  description: 'Each conversation once, from whatever told of it.',
  row: 'a conversation',
  partitionedBy: ['date', 'bucket'],
  columns: [
    measured(text('conversation_id', 'The conversation.')),
    text('org_id', 'The Genesys organisation.'),
    text('media_type', 'Of the customer.'),
    text('direction', '`inbound` or `outbound`.'),
    measured(time('start_time', 'When the customer came.')),
    measured(time('end_time', 'When the customer left; null while the conversation goes on.')),
    texts('queue_ids', 'The queues, in the order of the first visit.'),
    texts('user_ids', 'The agents, in the order of their first part.'),
    ms('wait_ms', 'Waiting in queues'),
    ms('talk_ms', 'Talking with agents'),
    ms('hold_ms', 'On hold'),
    ms('acw_ms', 'After-call work'),
    ms('handle_ms', 'Talk, hold, after-call work, dialing and contacting'),
    count('transfers', 'How often an agent passed it on.'),
    column('abandoned', 'BOOLEAN', 'Left while waiting, without having spoken to any agent.'),
    texts('wrap_up_codes', 'In the order they were recorded.'),
    text('told_by', 'What the row rests on: `details`, `events` or `interactions`.'),
    column(
      'provisional',
      'BOOLEAN',
      'True while it goes on, or ended behind what was compared with Genesys.',
    ),
    column('date', 'DATE', 'The day that it began, UTC.'),
    column('bucket', 'INTEGER', 'Of the conversation, so that a change touches few files.'),
  ],
}

export const queueIntervals: Table = {
  name: 'gold.queue_intervals',
  description: 'Queues in intervals of 30 minutes.',
  row: 'an interval of a queue and a medium',
  partitionedBy: ['date'],
  columns: [
    text('org_id', 'The Genesys organisation.'),
    measured(text('queue_id', 'The queue.')),
    text('media_type', 'The medium.'),
    measured(time('interval_start', 'Begins a half hour, in the time zone of `gold.timeZone`.')),
    count('offered', 'Conversations that came to the queue, counted when they came.'),
    count('answered', 'Waits that an agent ended, counted when they ended.'),
    count('abandoned', 'Waits that the customer ended, counted when they ended.'),
    count('short_abandoned', 'Abandoned within `gold.shortAbandon`.'),
    count('flowed_out', 'Waits that ended with the conversation going elsewhere.'),
    count('answered_in_time', 'Answered within the threshold of the medium.'),
    column(
      'service_level',
      'DOUBLE',
      'Answered in time, of answered and abandoned less short abandoned; 0 to 1, null for none.',
    ),
    ms('answer_ms', 'Waiting of those answered, in all'),
    ms('asa_ms', 'Average speed of answer'),
    ms('abandon_ms', 'Waiting of those abandoned, in all'),
    count('handled', 'Parts of agents, counted when their after-call work ended.'),
    ms('talk_ms', 'Talking, in all'),
    ms('hold_ms', 'On hold, in all'),
    ms('acw_ms', 'After-call work, in all'),
    ms('handle_ms', 'Handling, in all'),
    ms('aht_ms', 'Average handle time'),
    column(
      'provisional',
      'BOOLEAN',
      'True while a wait or a part that began in it goes on, or it ends behind what was compared with Genesys.',
    ),
    column('date', 'DATE', 'The day of `interval_start`, UTC.'),
  ],
}

export const agentIntervals: Table = {
  name: 'gold.agent_intervals',
  description: 'Agents in intervals of 30 minutes: time in each state, and work done.',
  row: 'an interval of an agent, a kind and a state',
  partitionedBy: ['date'],
  columns: [
    text('org_id', 'The Genesys organisation.'),
    measured(text('user_id', 'The agent.')),
    measured(time('interval_start', 'Begins a half hour, in the time zone of `gold.timeZone`.')),
    text(
      'kind',
      '`presence`, `routingStatus`, `session` or `login`, as in `silver.agent_states`, or `handling`.',
    ),
    text('state', 'The state, such as `onQueue`; of `handling`, the medium.'),
    ms('state_ms', 'In the state'),
    count('entered', 'How often it was entered.'),
    count('handled', 'Of `handling`: parts of conversations that were over.'),
    ms('talk_ms', 'Of `handling`: talking'),
    ms('hold_ms', 'Of `handling`: on hold'),
    ms('acw_ms', 'Of `handling`: after-call work'),
    ms('handle_ms', 'Of `handling`: all of it, of those handled'),
    column(
      'provisional',
      'BOOLEAN',
      'True while the state is not known to have ended; of `handling`, while the interval ends behind what was compared with Genesys.',
    ),
    column('date', 'DATE', 'The day of `interval_start`, UTC.'),
  ],
}

export const books: Table = {
  name: 'gold.books',
  description:
    'The conservation ledger: what came is an event, a duplicate, a dead letter, filtered, shed or refused.',
  row: 'an hour of a source',
  partitionedBy: ['date'],
  columns: [
    measured(time('hour', 'The hour it was received, UTC.')),
    text('source', 'The configured sender; empty for what no source claims.'),
    count('acknowledged', 'What ingress says that it acknowledged.'),
    count('events', 'Rows of bronze with this outcome.'),
    count('duplicates', 'Rows of bronze with this outcome.'),
    count('dead_letters', 'Rows of bronze with this outcome.'),
    count('notes', 'Rows of bronze with this outcome.'),
    count('filtered', 'Left out by `accept`.'),
    count('shed', 'Dropped on purpose under overload.'),
    count('refused', 'Answered with an error.'),
    count(
      'difference',
      'Acknowledged less events, duplicates and dead letters; 0 when all is kept.',
    ),
    column('date', 'DATE', 'The day of `hour`, UTC.'),
  ],
}

export const goldTables: readonly Table[] = [conversations, queueIntervals, agentIntervals, books]
