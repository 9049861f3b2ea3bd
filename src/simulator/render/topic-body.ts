/**
 * Topics and event bodies of the Genesys notification topics: what the `eventbridge` and
 * `notification` dialects have in common. Field sets and spellings follow the definitions in the
 * Genesys SDKs: detail events write `VOICE` and epoch ms, the analytics topics `voice` and ISO
 * 8601.
 */

import type { JsonObject } from '../../event/json.ts'
import type { Contact } from '../centre/contact.ts'
import type {
  AgentState,
  Detail,
  Happening,
  HappeningType,
  Metric,
  Observation,
  PresenceChange,
  RoutingChange,
} from '../centre/happening.ts'
import { detailTypes } from '../centre/happening.ts'
import { conversationOf, isoTime, lowerCamel, type Scene, untold } from './rendered.ts'

export interface TopicEvent {
  readonly topic: string
  /** The topic with `{id}` in place of ids. */
  readonly template: string
  readonly eventType: string
  readonly eventTime: number | null
  readonly conversationId: string | null
  readonly body: JsonObject
}

export const topicTypes: ReadonlySet<HappeningType> = new Set<HappeningType>([
  ...detailTypes,
  'agent.state',
  'conversation.metrics',
  'presence',
  'routingStatus',
  'queue.observations',
])

/** What type, time and conversation are read from. */
export const fixedFields: ReadonlySet<string> = new Set([
  'eventTime',
  'conversationId',
  'metricDate',
  'modifiedDate',
  'routingStatus',
  'currentStateStart',
])

export function topicEvent(happening: Happening, scene: Scene): TopicEvent {
  switch (happening.type) {
    case 'agent.state':
      return agentState(happening, scene)
    case 'conversation.metrics':
      return metric(happening, scene)
    case 'presence':
      return presence(happening, scene)
    case 'routingStatus':
      return routingStatus(happening)
    case 'queue.observations':
      return observations(happening)
    case 'agent.login':
    case 'agent.logout':
    case 'conversation.settled':
      return untold(happening)
    default:
      return detail(happening, scene)
  }
}

function detail(happening: Detail, scene: Scene): TopicEvent {
  const { type, time, party, fields } = happening
  const { contact } = conversationOf(scene)
  const { conversationId } = contact
  const { participantId, sessionId } = party
  const body: JsonObject =
    type === 'attributes'
      ? { eventTime: time, conversationId, participantId, ...fields }
      : {
          eventTime: time,
          conversationId,
          participantId,
          sessionId,
          ...line(contact, type),
          ...fields,
        }
  return {
    topic: `v2.detail.events.conversation.${conversationId}.${type}`,
    template: `v2.detail.events.conversation.{id}.${type}`,
    eventType: type,
    eventTime: time,
    conversationId,
    body,
  }
}

/** The fields that say by which medium and from where; voicemail and flows carry fewer of them. */
function line(contact: Contact, type: Detail['type']): JsonObject {
  const { mediaType, provider, direction, ani, dnis, addressTo, addressFrom } = contact
  if (type.startsWith('voicemail')) return { mediaType, provider, direction, ani, dnis }
  const plain = { mediaType, provider, direction, ani, dnis, addressTo, addressFrom }
  const { subject, messageType, callbackAt, customer } = contact
  if (subject !== null) return { ...plain, subject }
  if (messageType !== null) return { ...plain, messageType }
  if (callbackAt === null) return plain
  return {
    ...plain,
    callbackUserName: customer.name,
    callbackNumbers: [customer.phone],
    callbackScheduledTime: callbackAt,
  }
}

function agentState(happening: AgentState, scene: Scene): TopicEvent {
  const { time, party, agent, state, sessionStart, queueId } = happening
  const { conversationId, direction, mediaType } = conversationOf(scene).contact
  return {
    topic: `v2.detail.events.agent.${agent.id}.state`,
    template: 'v2.detail.events.agent.{id}.state',
    eventType: 'agent.state',
    eventTime: time,
    conversationId,
    body: {
      conversationId,
      sessionId: party.sessionId,
      sessionStart,
      currentStateStart: time,
      currentState: state,
      userId: agent.id,
      originatingDirection: direction,
      mediaType,
      ...(queueId === null ? {} : { queueId }),
    },
  }
}

function metric(happening: Metric, scene: Scene): TopicEvent {
  const { time, party, queueId } = happening
  const { conversationId, direction, mediaType } = conversationOf(scene).truth
  return {
    topic: `v2.analytics.conversation.${conversationId}.metrics`,
    template: 'v2.analytics.conversation.{id}.metrics',
    eventType: 'conversation.metrics',
    eventTime: time,
    conversationId,
    body: {
      metric: happening.metric,
      metricDate: isoTime(time),
      value: happening.value,
      recordId: scene.random.uuid(),
      conversationId,
      sessionId: party.sessionId,
      mediaType,
      direction,
      originatingDirection: direction,
      ...(queueId === null ? {} : { queueId }),
      ...(party.agent === null ? {} : { userId: party.agent.id }),
      purpose: party.purpose,
    },
  }
}

function presence(happening: PresenceChange, scene: Scene): TopicEvent {
  const { time, agent } = happening
  return {
    topic: `v2.users.${agent.id}.presence`,
    template: 'v2.users.{id}.presence',
    eventType: 'user.presence',
    eventTime: time,
    conversationId: null,
    body: {
      source: 'PURECLOUD',
      presenceDefinition: {
        id: scene.world.presences.get(happening.presence) ?? '',
        systemPresence: happening.presence,
      },
      primary: true,
      message: '',
      modifiedDate: isoTime(time),
    },
  }
}

function routingStatus(happening: RoutingChange): TopicEvent {
  const { time, agent, status } = happening
  return {
    topic: `v2.users.${agent.id}.routingStatus`,
    template: 'v2.users.{id}.routingStatus',
    eventType: 'user.routingStatus',
    eventTime: time,
    conversationId: null,
    body: { id: agent.id, routingStatus: { status, startTime: isoTime(time) } },
  }
}

function observations(happening: Observation): TopicEvent {
  const { queueId, waiting, interacting, idleAgents, longestWaitingMs } = happening
  const count = (metric: string, value: number) => ({ metric, stats: { count: value } })
  return {
    topic: `v2.analytics.queues.${queueId}.observations`,
    template: 'v2.analytics.queues.{id}.observations',
    eventType: 'queue.observations',
    eventTime: null,
    conversationId: null,
    body: {
      group: { mediaType: lowerCamel(happening.mediaType), queueId },
      data: [
        {
          metrics: [
            count('oWaiting', waiting),
            count('oInteracting', interacting),
            { metric: 'oOnQueueUsers', qualifier: 'IDLE', stats: { count: idleAgents } },
            { metric: 'oLongestWaiting', stats: { calculatedMetricValue: longestWaitingMs } },
          ],
        },
      ],
    },
  }
}
