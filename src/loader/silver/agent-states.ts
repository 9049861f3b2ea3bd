/** Presence, routing status, logins and states in conversations to `silver.agent_states`. */
import { agentStates } from '../../tables/silver.ts'
import { boolean, enumeration, media, state, text, time } from './conversion.ts'
import { type Field, field, type Mapping, topicRoots } from './mapping.ts'

/** Of the user that the topic names, where the body does not. */
const topicId = `nullif(regexp_extract(
  topic, '^v2[.](?:users|detail[.]events[.]agent)[.]([^.]+)[.]', 1), '')`

interface Kind {
  readonly kind: string
  readonly eventTypes: readonly string[]
  readonly fields: readonly Field[]
}

const ofTopic = ({ kind, eventTypes, fields }: Kind): Mapping => ({
  table: agentStates,
  eventTypes,
  roots: topicRoots,
  fields,
  computed: {
    kind: `'${kind}'`,
    user_id: fields.some(({ column }) => column === 'user_id')
      ? `coalesce(typed_user_id, ${topicId})`
      : topicId,
    state_at: 'coalesce(typed_state_at, event_time)',
  },
})

const presence = (prefix: string, message: string): readonly Field[] => [
  field('state', state, `${prefix}presenceDefinition.systemPresence`),
  field('presence_id', text, `${prefix}presenceDefinition.id`),
  field('message', text, `${prefix}${message}`),
  field('state_at', time, `${prefix}modifiedDate`),
]

const routingStatus: readonly Field[] = [
  field('user_id', text, 'id'),
  field('state', state, 'routingStatus.status'),
  field('state_at', time, 'routingStatus.startTime'),
]

const logins: Mapping = {
  table: agentStates,
  eventTypes: ['agentLogin', 'agentLogout'],
  roots: { 'analytics-notification': '' },
  fields: [
    field('user_id', text, 'data.agentId', 'data.userId'),
    field('agent_name', text, 'data.name', 'data.agentName'),
    field('station_id', text, 'data.stationId'),
  ],
  computed: {
    kind: `CASE event_type WHEN 'agentLogin' THEN 'login' ELSE 'logout' END`,
    state: `CASE event_type WHEN 'agentLogin' THEN 'loggedIn' ELSE 'loggedOut' END`,
    state_at: 'event_time',
  },
}

/** `user.activity` tells presence and routing status at once: a row of either kind. */
export const agentStateMappings: readonly Mapping[] = [
  ofTopic({
    kind: 'session',
    eventTypes: ['agent.state'],
    fields: [
      field('session_id', text, 'sessionId'),
      field('media_type', media, 'mediaType'),
      field('direction', enumeration, 'originatingDirection', 'direction'),
      field('queue_id', text, 'queueId'),
      field('user_id', text, 'userId'),
      field('state', state, 'currentState'),
      field('state_at', time, 'currentStateStart'),
      field('session_at', time, 'sessionStart'),
    ],
  }),
  ofTopic({
    kind: 'presence',
    eventTypes: ['user.presence'],
    fields: [...presence('', 'message'), field('is_primary', boolean, 'primary')],
  }),
  ofTopic({ kind: 'routingStatus', eventTypes: ['user.routingStatus'], fields: routingStatus }),
  ofTopic({
    kind: 'presence',
    eventTypes: ['user.activity'],
    fields: [field('user_id', text, 'id'), ...presence('presence.', 'presenceMessage')],
  }),
  ofTopic({ kind: 'routingStatus', eventTypes: ['user.activity'], fields: routingStatus }),
  logins,
]
