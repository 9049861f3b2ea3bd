/**
 * What agents do in a conversation, as `agent.state` tells it: one change for each span of each
 * leg.
 */
import type { AgentState, AgentStateName } from './happening.ts'
import type { AgentLeg, Span, SpanKind } from './truth.ts'

const names: Partial<Record<SpanKind, AgentStateName>> = {
  alert: 'ALERT',
  dial: 'DIALING',
  contact: 'CONTACTING',
  callback: 'CALLBACK',
  talk: 'INTERACT',
  hold: 'HOLD',
  acw: 'WRAPUP',
}

export function agentStates(legs: readonly AgentLeg[], spans: readonly Span[]): AgentState[] {
  const changes: AgentState[] = []
  for (const leg of legs) {
    const { agent } = leg.party
    if (agent === null) continue
    const common = {
      type: 'agent.state',
      party: leg.party,
      agent,
      sessionStart: leg.from,
      queueId: leg.queueId,
    } as const
    let end = leg.to
    for (const span of spans) {
      const state = span.party === leg.party ? names[span.kind] : undefined
      if (state === undefined) continue
      changes.push({ ...common, time: span.from, state })
      end = span.to
    }
    changes.push({ ...common, time: end, state: 'TERMINATED' })
  }
  return changes
}
