/**
 * Silver: what events say, typed, in the same columns whatever dialect said it.
 *
 * Every row begins with the same columns and ends with the place of its event in the journal, so
 * that any row is traced back to what arrived. Times are UTC, durations milliseconds, enumerations
 * lowerCamel as the Genesys analytics API spells them. What could not be converted is null here,
 * whole in bronze, and told in `silver.violations`.
 */
import { column, measured, personal } from './columns.ts'
import type { Column, Table } from './table.ts'

const text = (name: string, description: string) => column(name, 'VARCHAR', description)
const ms = (name: string, description: string) => column(name, 'BIGINT', `${description}, ms.`)
const time = (name: string, description: string) => column(name, 'TIMESTAMPTZ', description)
const number = (name: string, description: string) => column(name, 'DOUBLE', description)

const head: readonly Column[] = [
  measured(text('event_id', 'The identity of the event within its source.')),
  text('org_id', 'The Genesys organisation.'),
  text('source', 'The configured sender it came through.'),
  text('event_type', 'The low-cardinality name it is routed by.'),
  measured(time('event_time', 'When it happened, else when it was received.')),
  measured(time('received_at', 'When it was received.')),
  measured(
    text('conversation_id', 'The conversation; `interactionId` and `contact.id` of guides.'),
  ),
  text('participant_id', 'The participant.'),
  text('session_id', 'The session of the participant.'),
  text('media_type', '`voice`, `chat`, `email`, `message`, `callback` and the like.'),
  text('direction', '`inbound` or `outbound`.'),
  text('queue_id', 'The queue.'),
  text('user_id', 'The agent.'),
]

const place: readonly Column[] = [
  text('journal_id', 'The UUID of the journal.'),
  measured(text('journal_partition', 'The partition of the journal.')),
  measured(column('position', 'BIGINT', 'The place in the partition.')),
  column('date', 'DATE', 'The day of `event_time`, UTC.'),
]

type Parts = Omit<Table, 'columns' | 'partitionedBy'> &
  Partial<Pick<Table, 'partitionedBy'>> & { readonly own: readonly Column[] }

function silver({ own, partitionedBy = ['date'], ...table }: Parts): Table {
  return { ...table, partitionedBy, columns: [...head, ...own, ...place] }
}

const byTypeAndDate = ['event_type', 'date']

const phone = (name: string, description: string, ...fields: readonly string[]) =>
  personal(text(name, description), ...fields)

export const interactions = silver({
  name: 'silver.interactions',
  description:
    'The webhooks of the guides, which tell a whole interaction again at each change: the latest row of a conversation holds, rows are never summed.',
  row: 'a snapshot of an interaction',
  partitionedBy: byTypeAndDate,
  own: [
    text('state', 'The state of the interaction, where the sender names one.'),
    text('contact_id', '`contact.id`.'),
    text('contact_type', '`contact.contactType`: `phone`, `chat`, `email`.'),
    phone('phone_number', 'Of the customer.', 'contact.phoneNumber'),
    personal(text('email', 'Of the customer.'), 'contact.email'),
    personal(text('customer_name', 'Of the customer.'), 'contact.customerName'),
    personal(text('agent_name', 'Of the agent.'), 'agent.agentName'),
    text('queue_name', 'The name that the queue had.'),
    text('wrap_up_code', 'Also `dispositionCode`, in lower case.'),
    time('started_at', '`callStartTime`.'),
    time('ended_at', '`callEndTime`.'),
    ms('talk_ms', 'Talking, so far'),
    ms('hold_ms', 'On hold, so far'),
    ms('wait_ms', 'Waiting, so far'),
    ms('acw_ms', 'After-call work, so far'),
    ms('total_ms', 'All of it, as the sender sums it'),
    personal(
      column(
        'participants',
        'STRUCT(id VARCHAR, role VARCHAR, name VARCHAR)[]',
        'Who took part, as far as the sender tells.',
      ),
      'participants[].name',
    ),
  ],
})

export const conversationEvents = silver({
  name: 'silver.conversation_events',
  description: 'Detail events: each step of each participant of a conversation, once.',
  row: 'a detail event',
  partitionedBy: byTypeAndDate,
  own: [
    text('provider', 'What carries the medium.'),
    text('message_type', 'Of a message: `sms`, `whatsapp` and the like.'),
    text('disconnect_type', 'How the part ended.'),
    text('acd_outcome', '`abandon`, `answered`, `flowOut` or `unknown`.'),
    text('answered_user_id', 'Who answered.'),
    text('wrap_up_code', 'The id of the code.'),
    personal(text('wrap_up_notes', 'What the agent noted.'), 'wrapupNotes', 'wrapUpNote'),
    ms('interacting_ms', 'Interacting'),
    ms('held_ms', 'On hold'),
    ms('alerting_ms', 'Alerting'),
    ms('contacting_ms', 'Contacting'),
    ms('dialing_ms', 'Dialing'),
    ms('callback_ms', 'Preparing a callback'),
    ms('connected_ms', 'Connected: in a queue, the wait; in a flow, the time there'),
    ms('wrap_up_ms', 'After-call work'),
    ms('voicemail_ms', 'Leaving a voicemail'),
    phone('ani', 'The address of the caller.', 'ani'),
    phone('dnis', 'The address that was called.', 'dnis'),
    phone('address_to', 'Where it goes.', 'addressTo'),
    phone('address_from', 'Where it comes from.', 'addressFrom'),
    personal(text('subject', 'Of an e-mail.'), 'subject'),
    personal(text('callback_user_name', 'Who asked for a callback.'), 'callbackUserName'),
    personal(column('callback_numbers', 'VARCHAR[]', 'Where to call back.'), 'callbackNumbers[]'),
    time('callback_scheduled_at', 'When to call back.'),
    text('external_contact_id', 'The contact, in the directory of the organisation.'),
    text('external_organization_id', 'The organisation of the contact.'),
    text('flow_id', 'The flow.'),
    text('flow_type', 'Of the flow.'),
    text('flow_version', 'Of the flow.'),
    text('exit_reason', 'Why the flow ended.'),
    text('transfer_type', 'How the flow passed it on.'),
    text('flow_outcome_id', 'The outcome that the flow recorded.'),
    text('flow_outcome_value', '`success`, `failure` or `unknown`.'),
    column('routing_priority', 'BIGINT', 'The priority in the queue.'),
    text('used_routing', 'The kind of routing that found the agent.'),
    column('requested_routings', 'VARCHAR[]', 'The kinds of routing asked for.'),
    column('requested_skill_ids', 'VARCHAR[]', 'The skills asked for.'),
    text('requested_language_id', 'The language asked for.'),
    text('outbound_campaign_id', 'The campaign.'),
    text('outbound_contact_list_id', 'Its list.'),
    text('outbound_contact_id', 'The entry of the list.'),
    text('division_id', 'The division.'),
    text('utilization_label', 'The label of utilisation.'),
    personal(text('attributes', 'Of the participant, a JSON object.'), 'attributes.*'),
  ],
})

export const agentStates = silver({
  name: 'silver.agent_states',
  description: 'What agents did: presence, routing status, logging in and out, work on a session.',
  row: 'a change of state of an agent',
  own: [
    text('kind', '`presence`, `routingStatus`, `login`, `logout`, `activity` or `session`.'),
    text('state', 'The state entered, lowerCamel: `available`, `onQueue`, `idle`, `interact`.'),
    text('presence_id', 'The definition of the presence.'),
    column('is_primary', 'BOOLEAN', 'Whether the presence is the primary one.'),
    measured(time('state_at', 'When the state was entered.')),
    time('session_at', 'When the session began.'),
    text('station_id', 'The station.'),
    personal(text('agent_name', 'Of the agent.'), 'data.name'),
    personal(text('message', 'What the agent put beside the presence.'), 'message'),
  ],
})

export const queueObservations = silver({
  name: 'silver.queue_observations',
  description: 'What queues looked like, one value a row.',
  row: 'a value of a metric',
  own: [
    text('metric', 'Such as `oWaiting`.'),
    text('qualifier', 'What it is told for, such as `IDLE`.'),
    text('statistic', 'Such as `count`.'),
    number('value', 'As the statistic says; times in ms.'),
    time('interval_start', 'Of an aggregate: its half hour.'),
    time('interval_end', 'The end of it, excluded.'),
    column('ordinal', 'INTEGER', 'The place of the value within the event, from 0.'),
  ],
})

export const conversationMetrics = silver({
  name: 'silver.conversation_metrics',
  description: 'Metrics of conversations as they are emitted.',
  row: 'a value of a metric',
  own: [
    text('metric', 'Such as `tTalk`, whose values are ms, or `nOffered`, which counts.'),
    number('value', 'Of the metric.'),
    text('record_id', 'The identity that Genesys gives the value.'),
    text('purpose', 'Of the participant: `customer`, `acd`, `agent`.'),
    text('wrap_up_code', 'The id of the code.'),
    text('disconnect_type', 'How the part ended.'),
  ],
})

export const conversationDetails = silver({
  name: 'silver.conversation_details',
  description:
    'Sessions of Analytics conversation records, of every pull: rows of one conversation are not to be summed. `silver.latest_conversation_details` has the latest pull of each, by which gold goes.',
  row: 'a session of an Analytics record, of one pull',
  partitionedBy: ['date', 'bucket'],
  own: [
    measured(time('conversation_start', 'When the conversation began.')),
    time('conversation_end', 'When it ended; null while it goes on.'),
    text('purpose', 'Of the participant: `customer`, `acd`, `agent`.'),
    personal(text('participant_name', 'Of the participant.'), 'participantName'),
    text('external_contact_id', 'The contact, in the directory of the organisation.'),
    text('provider', 'What carries the medium.'),
    phone('ani', 'The address of the caller.', 'ani'),
    phone('dnis', 'The address that was called.', 'dnis'),
    personal(text('remote', 'Who is at the other end.'), 'remote'),
    text('disconnect_type', 'How the session ended.'),
    column('wrap_up_codes', 'VARCHAR[]', 'In the order they were recorded.'),
    time('session_start', 'When its first segment began.'),
    time('session_end', 'When its last segment ended.'),
    ms('acd_ms', 'In a queue'),
    ms('alert_ms', 'Alerting'),
    ms('answered_ms', 'Until it was answered'),
    ms('abandon_ms', 'Until it was abandoned'),
    ms('talk_ms', 'Talking'),
    ms('held_ms', 'On hold'),
    ms('acw_ms', 'After-call work'),
    ms('dialing_ms', 'Dialing'),
    ms('contacting_ms', 'Contacting'),
    ms('handle_ms', 'Handling'),
    column('offered', 'BIGINT', 'How often it was offered to a queue.'),
    column('connected', 'BIGINT', 'How often it was connected.'),
    column('transferred', 'BIGINT', 'How often it was passed on.'),
    column('errors', 'BIGINT', 'How often something failed.'),
    column('bucket', 'INTEGER', 'Of the conversation, so that one is looked for in few files.'),
  ],
})

export const otherEvents = silver({
  name: 'silver.other_events',
  description: 'Events that have no table of their own.',
  row: 'an event',
  partitionedBy: byTypeAndDate,
  own: [
    text('dialect', 'The shape of the payload.'),
    text('topic', 'The Genesys topic, in dialects that have one.'),
    personal(text('body', 'The body as JSON, masked where no rule or schema knows a field.'), '*'),
  ],
})

export const largeFields = silver({
  name: 'silver.large_fields',
  description:
    'Large fields that `privacy.largeFields` names, such as transcripts; in every other table `***` stands for them.',
  row: 'a large field of an event',
  own: [
    text('path', 'The field, as `privacy.largeFields` names it.'),
    column('ordinal', 'INTEGER', 'The place among the large fields of the event, from 0.'),
    column('bytes', 'BIGINT', 'How large it was, in bytes of JSON.'),
    personal(
      text('value', 'As the rules of privacy leave it: a text as it is, anything else as JSON.'),
      '*',
    ),
  ],
})

export const violations = silver({
  name: 'silver.violations',
  description: 'Where an event is not as its schema says. It stops nothing.',
  row: 'a deviation of an event: of several rows of it alike, one',
  own: [
    text('topic', 'The Genesys topic with `{id}` for ids, or the event type without a topic.'),
    text('schema_version', 'The version that it was held against.'),
    text('path', 'The field.'),
    text('rule', 'What does not hold: a stable word.'),
    text('type_seen', 'The JSON type found there; never the value.'),
  ],
})

export const silverTables: readonly Table[] = [
  interactions,
  conversationEvents,
  agentStates,
  queueObservations,
  conversationMetrics,
  conversationDetails,
  otherEvents,
  largeFields,
  violations,
]
