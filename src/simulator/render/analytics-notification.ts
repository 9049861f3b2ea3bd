/**
 * The webhook of the data-lake guide: the whole interaction again at each change of its state,
 * durations in seconds, and agents logging in and out.
 */

import type { JsonObject } from '../../event/json.ts'
import type { Happening, Login } from '../centre/happening.ts'
import type { MediaType } from '../centre/media.ts'
import { conversationOf, isoTime, lowerCamel, type Scene, type Teller, untold } from './rendered.ts'
import { snapshotAt } from './snapshot.ts'

export const analyticsNotification: Teller = {
  dialect: 'analytics-notification',
  tells: new Set([
    'customer.start',
    'acd.start',
    'agent.state',
    'customer.end',
    'wrapup',
    'agent.login',
    'agent.logout',
  ]),
  pliable: { path: ['data'], fixed: new Set(['interactionId', 'agentId']) },
  render(happening, scene) {
    const eventId = scene.random.uuid()
    const login = happening.type === 'agent.login' || happening.type === 'agent.logout'
    const eventType = login ? lowerCamel(happening.type.replace('.', '_')) : 'interaction'
    const data = login ? agent(happening) : interaction(happening, scene)
    const timestamp = isoTime(happening.time)
    return {
      dialect: 'analytics-notification',
      eventId,
      eventType,
      topic: null,
      eventTime: happening.time,
      conversationId: login ? null : conversationOf(scene).contact.conversationId,
      value: { notificationId: eventId, timestamp, eventType, data },
    }
  },
}

function agent({ type, agent }: Login): JsonObject {
  const who = { agentId: agent.id, name: agent.name }
  return type === 'agent.login' ? { ...who, stationId: agent.station } : who
}

function interaction(happening: Happening, scene: Scene): JsonObject {
  const conversation = conversationOf(scene)
  const { contact, customer } = conversation
  const now = snapshotAt(conversation, scene.world, happening.time)
  const { waitMs, talkMs, holdMs, acwMs } = now
  return {
    interactionId: contact.conversationId,
    type: interactionTypes[contact.mediaType],
    direction: lowerCamel(contact.direction),
    state: stateOf(happening),
    queueId: now.queue?.id ?? null,
    wrapUpCode: now.wrapUpCode,
    metrics: {
      talkTime: talkMs / 1000,
      holdTime: holdMs / 1000,
      waitTime: waitMs / 1000,
      acw: acwMs / 1000,
      totalTime: (talkMs + holdMs + waitMs + acwMs) / 1000,
    },
    participants: [
      { id: customer.participantId, role: 'customer', name: contact.customer.name },
      ...now.agents.map(({ id, name }) => ({ id, role: 'agent', name })),
    ],
  }
}

const interactionTypes: Record<MediaType, string> = {
  VOICE: 'call',
  CHAT: 'webchat',
  EMAIL: 'email',
  MESSAGE: 'message',
  CALLBACK: 'callback',
  COBROWSE: 'cobrowse',
  SCREENSHARE: 'screenshare',
  VIDEO: 'video',
}

const agentStates = {
  ALERT: 'alerting',
  DIALING: 'dialing',
  CONTACTING: 'contacting',
  CALLBACK: 'callback',
  INTERACT: 'connected',
  HOLD: 'held',
  WRAPUP: 'wrapup',
  TERMINATED: 'released',
} as const

function stateOf(happening: Happening): string {
  if (happening.type === 'agent.state') return agentStates[happening.state]
  if (happening.type === 'customer.start') return 'started'
  if (happening.type === 'acd.start') return 'queued'
  if (happening.type === 'customer.end') return 'disconnected'
  return happening.type === 'wrapup' ? 'closed' : untold(happening)
}
