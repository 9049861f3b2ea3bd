/** Analytics records of conversations to `silver.conversation_details`, a session a row. */
import { bucketSql } from '../../lake/sql/bucket.ts'
import { conversationDetails } from '../../tables/silver.ts'
import { enumeration, list, media, milliseconds, text, time } from './conversion.ts'
import { field, type Mapping } from './mapping.ts'

const session = (name: string) => `participants[].sessions[].${name}`

/** Each metric of the session with its value converted, and each segment likewise. */
const metrics = list('name', 'value')
const segments = list('segmentStart', 'segmentEnd', 'queueId', 'wrapUpCode', 'disconnectType')

/** Null where the session has none of that name: an agent who never held told no holding. */
const sumOf = (name: string) => `list_sum(list_transform(measures,
  lambda one: CASE WHEN one.name = '${name}' THEN one.value END))`

const present = (member: string) => `list_filter(parts, lambda one: one.${member} IS NOT NULL)`
const ofParts = (member: string) => `list_transform(parts, lambda one: one.${member})`

/** True where one of them has a text that became nothing. */
const isLost = (list: string, member: string) => `coalesce(len(list_filter(${list},
  lambda one: one.${member}_text IS NOT NULL AND one.${member} IS NULL)), 0) > 0`

export const conversationDetailMapping: Mapping = {
  table: conversationDetails,
  eventTypes: ['conversation.detail'],
  roots: { 'conversation-detail': '' },
  lists: ['participants[]', 'participants[].sessions[]'],
  fields: [
    field('conversation_start', time, 'conversationStart'),
    field('conversation_end', time, 'conversationEnd'),
    field('came', enumeration, 'originatingDirection'),
    field('participant_id', text, 'participants[].participantId'),
    field('participant_name', text, 'participants[].participantName'),
    field('purpose', enumeration, 'participants[].purpose'),
    field('user_id', text, 'participants[].userId'),
    field('external_contact_id', text, 'participants[].externalContactId'),
    field('session_id', text, session('sessionId')),
    field('media_type', media, session('mediaType')),
    field('direction', enumeration, session('direction')),
    field('provider', text, session('provider')),
    field('ani', text, session('ani')),
    field('dnis', text, session('dnis')),
    field('remote', text, session('remote')),
    field('metrics', metrics, session('metrics')),
    field('segments', segments, session('segments')),
  ],
  derived: (convert) => ({
    measures: `list_transform(typed_metrics, lambda one: {name: one.name,
      value_text: one.value, value: ${convert(milliseconds, 'one.value')}})`,
    parts: `list_transform(typed_segments, lambda one: {
      queue: one."queueId", code: one."wrapUpCode", disconnected: one."disconnectType",
      begun_text: one."segmentStart", begun: ${convert(time, 'one."segmentStart"')},
      ended_text: one."segmentEnd", ended: ${convert(time, 'one."segmentEnd"')}})`,
  }),
  computed: {
    direction: 'coalesce(typed_direction, typed_came)',
    queue_id: `${present('queue')}[1].queue`,
    disconnect_type: enumeration.value(`${present('disconnected')}[-1].disconnected`, 'true'),
    wrap_up_codes: `list_transform(${present('code')}, lambda one: one.code)`,
    session_start: `list_min(${ofParts('begun')})`,
    session_end: `CASE WHEN list_count(${ofParts('ended')}) = len(parts)
      THEN list_max(${ofParts('ended')}) END`,
    acd_ms: sumOf('tAcd'),
    alert_ms: sumOf('tAlert'),
    answered_ms: sumOf('tAnswered'),
    abandon_ms: sumOf('tAbandon'),
    talk_ms: sumOf('tTalk'),
    held_ms: sumOf('tHeld'),
    acw_ms: sumOf('tAcw'),
    dialing_ms: sumOf('tDialing'),
    contacting_ms: sumOf('tContacting'),
    handle_ms: sumOf('tHandle'),
    offered: sumOf('nOffered'),
    connected: sumOf('nConnected'),
    transferred: sumOf('nTransferred'),
    errors: sumOf('nError'),
    bucket: bucketSql('conversation_id'),
  },
  checks: [
    {
      path: session('metrics[].value'),
      rule: 'not_a_metric',
      broken: isLost('measures', 'value'),
      typeSeen: `'number'`,
    },
    {
      path: session('segments[].segmentStart'),
      rule: 'not_a_time',
      broken: isLost('parts', 'begun'),
      typeSeen: `'string'`,
    },
    {
      path: session('segments[].segmentEnd'),
      rule: 'not_a_time',
      broken: isLost('parts', 'ended'),
      typeSeen: `'string'`,
    },
  ],
}
