/**
 * What is true of a conversation, whatever was told of it: the answer that gold is checked against.
 *
 * A span is a stretch of time in which a party did one thing; every duration of the truth is a sum
 * of spans. Handle time is talk, hold, after-call work, dialing and contacting, as the Genesys
 * glossary defines it.
 */
import type { Party } from './happening.ts'

export type SpanKind =
  | 'flow'
  | 'wait'
  | 'voicemail'
  | 'alert'
  | 'callback'
  | 'dial'
  | 'contact'
  | 'talk'
  | 'hold'
  | 'acw'

export interface Span {
  readonly kind: SpanKind
  readonly party: Party
  readonly queueId: string | null
  readonly from: number
  readonly to: number
}

/** One time in one queue. */
export interface QueueVisit {
  readonly queueId: string
  readonly party: Party
  readonly from: number
  readonly to: number
  readonly outcome: 'ANSWERED' | 'ABANDON' | 'FLOW_OUT'
  /** Null unless answered. */
  readonly userId: string | null
}

/** One agent's part. */
export interface AgentLeg {
  readonly userId: string
  readonly party: Party
  /** Null where the conversation reached the agent past any queue. */
  readonly queueId: string | null
  /** From alerting or dialing until the agent's session ended. */
  readonly from: number
  readonly to: number
  /** The wait that it ended; null after a direct transfer or a call out. */
  readonly answers: QueueVisit | null
  readonly transfer: 'blind' | 'consult' | null
  /** Null where the agent recorded none; `at` is when after-call work ended. */
  readonly wrapUp: { readonly code: string; readonly at: number } | null
}

export interface Truth {
  readonly conversationId: string
  /** Lower case: `voice`. */
  readonly mediaType: string
  readonly direction: 'inbound' | 'outbound'
  readonly start: number
  /** The customer has left; after-call work and wrap-up come later. */
  readonly end: number
  readonly queueIds: readonly string[]
  readonly userIds: readonly string[]
  readonly waitMs: number
  readonly talkMs: number
  readonly holdMs: number
  readonly acwMs: number
  readonly handleMs: number
  /** Agents' parts that ended by passing the conversation on. */
  readonly transfers: number
  /** The customer left while waiting, and had not spoken to any agent. */
  readonly abandoned: boolean
  /** In the order they were recorded; a code twice is there twice. */
  readonly wrapUpCodes: readonly string[]
  readonly visits: readonly QueueVisit[]
  readonly legs: readonly AgentLeg[]
}

/** Ms of the spans of these kinds that lie before `until`. */
export function spent(
  spans: readonly Span[],
  kinds: readonly SpanKind[],
  until = Number.POSITIVE_INFINITY,
): number {
  let sum = 0
  for (const span of spans) {
    if (kinds.includes(span.kind)) sum += Math.max(0, Math.min(span.to, until) - span.from)
  }
  return sum
}

export const handling: readonly SpanKind[] = ['talk', 'hold', 'acw', 'dial', 'contact']

export interface Ended {
  readonly conversationId: string
  readonly mediaType: string
  readonly direction: string
  readonly start: number
  readonly end: number
  readonly spans: readonly Span[]
  readonly visits: readonly QueueVisit[]
  readonly legs: readonly AgentLeg[]
}

export function truthOf(ended: Ended): Truth {
  const { spans, visits, legs } = ended
  const queueIds = [...visits, ...legs].map((part) => part.queueId)
  return {
    conversationId: ended.conversationId,
    mediaType: ended.mediaType.toLowerCase(),
    direction: ended.direction === 'INBOUND' ? 'inbound' : 'outbound',
    start: ended.start,
    end: ended.end,
    queueIds: [...new Set(queueIds.filter((id) => id !== null))],
    userIds: [...new Set(legs.map((leg) => leg.userId))],
    waitMs: spent(spans, ['wait']),
    talkMs: spent(spans, ['talk']),
    holdMs: spent(spans, ['hold']),
    acwMs: spent(spans, ['acw']),
    handleMs: spent(spans, handling),
    transfers: legs.filter((leg) => leg.transfer !== null).length,
    abandoned: legs.length === 0 && visits.at(-1)?.outcome === 'ABANDON',
    wrapUpCodes: wrapUps(legs).map((wrapUp) => wrapUp.code),
    visits,
    legs,
  }
}

/** What was recorded until then, in that order. */
export function wrapUps(legs: readonly AgentLeg[], until = Number.POSITIVE_INFINITY) {
  return legs
    .map((leg) => leg.wrapUp)
    .filter((wrapUp) => wrapUp !== null)
    .filter((wrapUp) => wrapUp.at <= until)
    .toSorted((one, other) => one.at - other.at)
}
