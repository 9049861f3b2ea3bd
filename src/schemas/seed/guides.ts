/**
 * The schemas of the two guides, whose payloads no official source describes: made by hand from
 * their samples and texts, with the other spellings that columns of silver are read from. The whole
 * body is judged, envelope included.
 */
import type { JsonSchema } from '../json-schema.ts'

const text: JsonSchema = { type: 'string' }
const time: JsonSchema = { type: 'string', format: 'date-time' }
const seconds: JsonSchema = { type: 'number' }

function object(
  properties: Readonly<Record<string, JsonSchema>>,
  required: readonly string[] = [],
): JsonSchema {
  return { type: 'object', properties, ...(required.length > 0 && { required }) }
}

function list(items: JsonSchema): JsonSchema {
  return { type: 'array', items }
}

function notification(data: JsonSchema): JsonSchema {
  const members = { notificationId: text, timestamp: time, eventType: text, data }
  return object(members, ['timestamp', 'eventType', 'data'])
}

const agentOfLogin = object(
  { agentId: text, userId: text, name: text, agentName: text, stationId: text },
  ['agentId'],
)

const interaction = object(
  {
    interactionId: text,
    type: text,
    interactionType: text,
    mediaType: text,
    direction: text,
    state: text,
    queueId: text,
    agentId: text,
    userId: text,
    wrapUpCode: text,
    wrapupCode: text,
    dispositionCode: text,
    metrics: object({
      talkTime: seconds,
      holdTime: seconds,
      waitTime: seconds,
      acw: seconds,
      totalTime: seconds,
    }),
    participants: list(object({ id: text, role: text, name: text })),
  },
  ['interactionId'],
)

const message = {
  messageId: text,
  eventType: text,
  event: text,
  type: text,
  timestamp: time,
  eventTime: time,
  conversationId: text,
  interactionId: text,
  contact: object(
    { id: text, contactType: text, phoneNumber: text, email: text, customerName: text, name: text },
    ['id'],
  ),
  agent: object({ id: text, agentName: text, name: text }),
  queue: object({ id: text, name: text }),
  direction: text,
  state: text,
  dispositionCode: text,
  wrapUpCode: text,
  wrapupCode: text,
  callStartTime: time,
  callEndTime: time,
}

const contactEvent = object(
  {
    ...message,
    transcript: list(object({ from: text, at: time, text })),
  },
  ['contact'],
)

export const guideSchemas: Readonly<Record<string, JsonSchema>> = {
  interaction: notification(interaction),
  agentLogin: notification(agentOfLogin),
  agentLogout: notification(agentOfLogin),
  'call.event': contactEvent,
  'chat.event': contactEvent,
  'email.event': contactEvent,
  'disposition.event': object({ ...message, callId: text }, ['contact']),
}
