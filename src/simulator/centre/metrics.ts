/**
 * The analytics metrics of a conversation, each at the moment at which Genesys would emit it:
 * durations when the thing they measure is over, counts when the thing happens.
 */
import type { Metric, Party } from './happening.ts'
import {
  type AgentLeg,
  handling,
  type QueueVisit,
  type Span,
  type SpanKind,
  spent,
} from './truth.ts'

export interface Measured {
  readonly customer: Party
  readonly customerSince: number | null
  readonly spans: readonly Span[]
  readonly visits: readonly QueueVisit[]
  readonly legs: readonly AgentLeg[]
}

export function metrics(measured: Measured): Metric[] {
  const { customer, customerSince, spans, visits, legs } = measured
  const told: Metric[] = []
  const tell = (metric: string, value: number, at: Pick<Metric, 'time' | 'party' | 'queueId'>) =>
    told.push({ type: 'conversation.metrics', metric, value, ...at })

  if (customerSince !== null) {
    tell('nConnected', 1, { time: customerSince, party: customer, queueId: null })
  }
  for (const span of spans) {
    const metric = spanMetrics[span.kind]
    const { party, queueId, to } = span
    if (metric !== undefined) tell(metric, to - span.from, { time: to, party, queueId })
  }
  for (const { party, queueId, from, to, outcome } of visits) {
    tell('nOffered', 1, { time: from, party, queueId })
    tell('tAcd', to - from, { time: to, party, queueId })
    if (outcome === 'ABANDON') tell('tAbandon', to - from, { time: to, party, queueId })
    if (outcome === 'FLOW_OUT') tell('tFlowOut', to - from, { time: to, party, queueId })
  }
  for (const leg of legs) {
    const { party, queueId, to } = leg
    const own = spans.filter((span) => span.party === party)
    const ended = { time: to, party, queueId }
    if (leg.answers !== null) {
      const { from, to: time } = leg.answers
      tell('tAnswered', time - from, { time, party, queueId })
    }
    if (leg.transfer !== null) {
      tell('nTransferred', 1, ended)
      tell(leg.transfer === 'blind' ? 'nBlindTransferred' : 'nConsultTransferred', 1, ended)
    }
    const settledAt = Math.max(to, ...own.map((span) => span.to))
    for (const [metric, kinds] of totals) {
      const value = spent(own, kinds)
      const time = metric === 'tHandle' ? settledAt : to
      if (value > 0) tell(metric, value, { time, party, queueId })
    }
  }
  return told
}

const spanMetrics: Partial<Record<SpanKind, string>> = {
  flow: 'tIvr',
  voicemail: 'tVoicemail',
  alert: 'tAlert',
  callback: 'tActiveCallback',
  dial: 'tDialing',
  contact: 'tContacting',
  talk: 'tTalk',
  hold: 'tHeld',
  acw: 'tAcw',
}

const totals: readonly (readonly [string, readonly SpanKind[]])[] = [
  ['tTalkComplete', ['talk']],
  ['tHeldComplete', ['hold']],
  ['tHandle', handling],
]
