/** Analytics records of conversations to `silver.conversation_details`, a session a row. */
import { bucketSql } from '../../lake/sql/bucket.ts'
import { conversationDetails } from '../../tables/silver.ts'
import { enumeration, list, media, milliseconds, text, time } from './conversion.ts'
import { field, type Mapping } from './mapping.ts'

const session = (name: string) => `participants[].sessions[].${name}`

/** Each metric of the session with its value converted, and each segment likewise. */
const metrics = list('name', 'value')
const segments = list('segmentStart', 'segmentEnd', 'queueId', 'wrapUpCode', 'disconnectType')

const value = milliseconds.value('one.value', 'false')
const start = time.value('one."segmentStart"', 'false')
const end = time.value('one."segmentEnd"', 'false')

/** Null where the session has none of that name: an agent who never held told no holding. */
const sumOf = (name: string) => `list_sum(list_transform(
  list_filter(typed_metrics, lambda one: one.name = '${name}'), lambda one: ${value}))`

const ofSegments = (expression: string) =>
  `list_transform(typed_segments, lambda one: ${expression})`
const present = (list: string) => `list_filter(${list}, lambda one: one IS NOT NULL)`

const isNotAll = (list: string, good: string) =>
  `coalesce(len(list_filter(${list}, lambda one: ${good})), 0) > 0`

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
  computed: {
    direction: 'coalesce(typed_direction, typed_came)',
    queue_id: `${present(ofSegments('one."queueId"'))}[1]`,
    disconnect_type: enumeration.value(
      `${present(ofSegments('one."disconnectType"'))}[-1]`,
      'true',
    ),
    wrap_up_codes: present(ofSegments('one."wrapUpCode"')),
    session_start: `list_min(${ofSegments(start)})`,
    session_end: `CASE WHEN len(${present(ofSegments(end))}) = len(typed_segments)
      THEN list_max(${ofSegments(end)}) END`,
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
      broken: isNotAll('typed_metrics', `one.value IS NOT NULL AND (${value}) IS NULL`),
      typeSeen: `'number'`,
    },
    {
      path: session('segments[].segmentStart'),
      rule: 'not_a_time',
      broken: isNotAll('typed_segments', `one."segmentStart" IS NOT NULL AND (${start}) IS NULL`),
      typeSeen: `'string'`,
    },
    {
      path: session('segments[].segmentEnd'),
      rule: 'not_a_time',
      broken: isNotAll('typed_segments', `one."segmentEnd" IS NOT NULL AND (${end}) IS NULL`),
      typeSeen: `'string'`,
    },
  ],
}
