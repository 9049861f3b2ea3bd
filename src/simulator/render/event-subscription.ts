/**
 * The webhook of the Firehose guide: one event when an agent joins, one when the customer has left,
 * one for each disposition. Its media are call, chat and email only.
 */

import type { JsonObject } from '../../event/json.ts'
import { pick } from '../centre/draw.ts'
import type { Detail, Happening } from '../centre/happening.ts'
import { isDetail } from '../centre/happening.ts'
import type { MediaType } from '../centre/media.ts'
import {
  compact,
  conversationOf,
  isoTime,
  lowerCamel,
  type Scene,
  type Teller,
  untold,
} from './rendered.ts'
import { codeName, type Snapshot, snapshotAt } from './snapshot.ts'

const fixed = [
  'messageId',
  'eventType',
  'timestamp',
  'contact',
  'callId',
  'callStartTime',
  'callEndTime',
]

export const eventSubscription: Teller = {
  dialect: 'event-subscription',
  tells: new Set(['user.start', 'customer.end', 'wrapup']),
  pliable: { path: [], fixed: new Set(fixed) },
  render(happening, scene) {
    if (!isDetail(happening)) return untold(happening)
    const { conversationId, mediaType } = conversationOf(scene).contact
    const eventId = scene.random.uuid()
    const disposition = happening.type === 'wrapup'
    const eventType = disposition ? 'disposition.event' : `${channels[mediaType]}.event`
    const told = disposition ? dispositionOf(happening, scene) : stateOf(happening, scene)
    const timestamp = isoTime(happening.time)
    return {
      dialect: 'event-subscription',
      eventId,
      eventType,
      topic: null,
      eventTime: happening.time,
      conversationId,
      value: { messageId: eventId, eventType, timestamp, ...told },
    }
  },
}

const channels: Record<MediaType, 'call' | 'chat' | 'email'> = {
  VOICE: 'call',
  CALLBACK: 'call',
  VIDEO: 'call',
  CHAT: 'chat',
  MESSAGE: 'chat',
  COBROWSE: 'chat',
  SCREENSHARE: 'chat',
  EMAIL: 'email',
}

function stateOf(happening: Happening, scene: Scene): JsonObject {
  const { contact, truth } = conversationOf(scene)
  const now = snapshotAt(conversationOf(scene), scene.world, happening.time)
  const ended = happening.type === 'customer.end'
  const channel = channels[contact.mediaType]
  return {
    direction: lowerCamel(contact.direction),
    contact: contactOf(scene),
    agent: agentOf(now),
    queue: queueOf(now),
    callStartTime: isoTime(truth.start),
    ...(ended ? { callEndTime: isoTime(truth.end) } : {}),
    ...(ended && channel === 'chat' ? { transcript: transcriptOf(scene) } : {}),
    dispositionCode: now.wrapUpCode?.toUpperCase() ?? null,
  }
}

function dispositionOf(happening: Detail, scene: Scene): JsonObject {
  const { conversationId } = conversationOf(scene).contact
  const now = snapshotAt(conversationOf(scene), scene.world, happening.time)
  const { wrapupCode } = happening.fields
  return {
    contact: { id: conversationId },
    agent: happening.party.agent === null ? null : { id: happening.party.agent.id },
    queue: queueOf(now),
    dispositionCode:
      wrapupCode === undefined ? null : codeName(scene.world, wrapupCode).toUpperCase(),
    callId: conversationId,
  }
}

function contactOf(scene: Scene): JsonObject {
  const { conversationId, mediaType, customer } = conversationOf(scene).contact
  const channel = channels[mediaType]
  return compact({
    id: conversationId,
    contactType: channel === 'call' ? 'phone' : channel,
    phoneNumber: channel === 'call' ? customer.phone : null,
    email: channel === 'email' ? customer.email : null,
    customerName: customer.name,
  })
}

function agentOf({ agents }: Snapshot): JsonObject | null {
  const last = agents.at(-1)
  return last === undefined ? null : { id: last.id, agentName: last.name }
}

function queueOf({ queue }: Snapshot): JsonObject | null {
  return queue === null ? null : { id: queue.id, name: queue.name }
}

const said = [
  'Hello, I have a question about my invoice.',
  'My order has not arrived.',
  'You can call me again in the evening.',
  'My card number is 4111 1111 1111 1111.',
]

function transcriptOf(scene: Scene): JsonObject[] {
  const { truth } = conversationOf(scene)
  const at = isoTime(truth.start + 1000)
  return [
    { from: 'customer', at, text: pick(scene.random, said) },
    { from: 'bot', at, text: 'Thank you. Somebody will be with you shortly.' },
  ]
}
