/**
 * The Analytics record of a whole conversation, as a details query returns it: participants, their
 * sessions, segments and metrics.
 */

import type { JsonObject } from '../../event/json.ts'
import type { Conversation } from '../centre/conversation.ts'
import { isDetail, type Metric, type Party } from '../centre/happening.ts'
import type { SpanKind } from '../centre/truth.ts'
import { compact, conversationOf, isoTime, lowerCamel, type Teller } from './rendered.ts'

export const conversationDetail: Teller = {
  dialect: 'conversation-detail',
  tells: new Set(['conversation.settled']),
  pliable: {
    path: [],
    fixed: new Set(['conversationId', 'conversationStart', 'conversationEnd', 'participants']),
  },
  render(_happening, scene) {
    const conversation = conversationOf(scene)
    return {
      dialect: 'conversation-detail',
      eventId: null,
      eventType: 'conversation.detail',
      topic: null,
      eventTime: conversation.truth.start,
      conversationId: conversation.contact.conversationId,
      value: detailRecord(conversation, scene.world.divisions[0]?.id ?? ''),
    }
  },
}

/** The record itself; the Analytics API of the simulator answers with the same. */
export function detailRecord(conversation: Conversation, divisionId: string): JsonObject {
  const { contact, truth } = conversation
  return {
    conversationId: contact.conversationId,
    conversationStart: isoTime(truth.start),
    conversationEnd: isoTime(truth.end),
    originatingDirection: truth.direction,
    divisionIds: [divisionId],
    participants: partiesOf(conversation).map((party) => participant(conversation, party)),
  }
}

function partiesOf({ customer, spans }: Conversation): Party[] {
  return [...new Set([customer, ...spans.map((span) => span.party)])]
}

function participant(conversation: Conversation, party: Party): JsonObject {
  const { contact } = conversation
  const { participantId, purpose, agent } = party
  return compact({
    participantId,
    participantName: purpose === 'customer' ? contact.customer.name : (agent?.name ?? null),
    purpose,
    userId: agent?.id ?? null,
    externalContactId: purpose === 'customer' ? contact.externalContactId : null,
    sessions: [session(conversation, party)],
  })
}

function session(conversation: Conversation, party: Party): JsonObject {
  const { contact, truth } = conversation
  const { ani, dnis, provider, messageType, callbackAt, customer } = contact
  return compact({
    mediaType: truth.mediaType,
    sessionId: party.sessionId,
    direction: truth.direction,
    ani,
    dnis,
    provider,
    messageType: messageType?.toLowerCase() ?? null,
    callbackNumbers: callbackAt === null ? null : [customer.phone],
    peerId: party.purpose === 'customer' ? null : conversation.customer.sessionId,
    segments: segments(conversation, party),
    metrics: conversation.happenings
      .filter((h) => h.type === 'conversation.metrics')
      .filter((h) => h.party === party)
      .map(metric),
  })
}

function metric({ metric, value, time }: Metric): JsonObject {
  return { name: metric, value, emitDate: isoTime(time) }
}

const segmentTypes: Record<SpanKind, string> = {
  flow: 'ivr',
  wait: 'delay',
  voicemail: 'voicemail',
  alert: 'alert',
  callback: 'callback',
  dial: 'dialing',
  contact: 'contacting',
  talk: 'interact',
  hold: 'hold',
  acw: 'wrapup',
}

function segments(conversation: Conversation, party: Party): JsonObject[] {
  const { truth, spans, happenings } = conversation
  const end = happenings.filter(isDetail).find((h) => h.party === party && h.type.endsWith('.end'))
  const disconnectType = lowerCamel(end?.fields.disconnectType ?? 'other')
  const wrapUpCode = truth.legs.find((leg) => leg.party === party)?.wrapUp?.code ?? null
  if (party.purpose === 'customer') {
    return [segment('interact', { from: truth.start, to: truth.end, disconnectType })]
  }
  return spans
    .filter((span) => span.party === party)
    .map((span) =>
      segment(segmentTypes[span.kind], {
        ...span,
        ...(span.kind === 'acw' ? { wrapUpCode } : {}),
        ...(span.to === end?.time ? { disconnectType } : {}),
      }),
    )
}

interface Stretch {
  readonly from: number
  readonly to: number
  readonly queueId?: string | null
  readonly wrapUpCode?: string | null
  readonly disconnectType?: string
}

function segment(segmentType: string, stretch: Stretch): JsonObject {
  return compact({
    segmentStart: isoTime(stretch.from),
    segmentEnd: isoTime(stretch.to),
    queueId: stretch.queueId ?? null,
    wrapUpCode: stretch.wrapUpCode ?? null,
    disconnectType: stretch.disconnectType ?? null,
    segmentType,
    conference: false,
  })
}
