/**
 * What happens in the simulated contact centre, before any dialect has told it.
 *
 * Times are ms since the epoch, durations ms. Enumerated values are spelt as Genesys detail events
 * spell them (`VOICE`, `TRANSPORT_FAILURE`); dialects that spell them otherwise convert.
 */
import type { MediaType } from './media.ts'
import type { Agent, SystemPresence } from './world.ts'

export type Direction = 'INBOUND' | 'OUTBOUND'

/** Where somebody or something takes part in a conversation. */
export interface Party {
  readonly participantId: string
  readonly sessionId: string
  readonly purpose: 'customer' | 'ivr' | 'acd' | 'agent' | 'voicemail'
  /** Null unless the purpose is `agent`. */
  readonly agent: Agent | null
}

/** The conversation's own detail events, named as the last part of their topics. */
export const detailTypes = [
  'customer.start',
  'customer.end',
  'contact',
  'outbound',
  'flow.start',
  'flow.outcome',
  'flow.end',
  'acd.start',
  'acd.end',
  'user.start',
  'user.end',
  'acw',
  'wrapup',
  'attributes',
  'voicemail.start',
  'voicemail.end',
] as const
export type DetailType = (typeof detailTypes)[number]

/** The fields that a detail event carries beside those of its conversation and party. */
export interface DetailFields {
  readonly disconnectType?: string
  readonly externalContactId?: string
  readonly outboundCampaignId?: string
  readonly outboundContactListId?: string
  readonly outboundContactId?: string
  readonly userId?: string
  readonly queueId?: string
  readonly divisionId?: string
  readonly flowType?: string
  readonly flowId?: string
  readonly flowVersion?: string
  readonly flowOutcomeId?: string
  readonly flowOutcomeStartTime?: number
  readonly flowOutcomeEndTime?: number
  readonly flowOutcomeValue?: string
  readonly flowMilestones?: readonly {
    readonly milestoneId: string
    readonly milestoneTime: number
  }[]
  readonly exitReason?: string
  readonly transferType?: string
  readonly acdOutcome?: string
  readonly answeredUserId?: string
  readonly requestedRoutings?: readonly string[]
  readonly usedRouting?: string
  readonly requestedRoutingSkillIds?: readonly string[]
  readonly routingPriority?: number
  readonly wrapupCode?: string
  readonly wrapupNotes?: string
  readonly attributes?: Readonly<Record<string, string>>
  readonly wrapupDurationMs?: number
  readonly voicemailDurationMs?: number
  readonly connectedDurationMs?: number
  readonly interactingDurationMs?: number
  readonly heldDurationMs?: number
  readonly alertingDurationMs?: number
  readonly dialingDurationMs?: number
  readonly contactingDurationMs?: number
  readonly callbackDurationMs?: number
}

export interface Detail {
  readonly type: DetailType
  readonly time: number
  readonly party: Party
  readonly fields: DetailFields
}

export type AgentStateName =
  | 'ALERT'
  | 'DIALING'
  | 'CONTACTING'
  | 'CALLBACK'
  | 'INTERACT'
  | 'HOLD'
  | 'WRAPUP'
  | 'TERMINATED'

/** What an agent does in one conversation. */
export interface AgentState {
  readonly type: 'agent.state'
  readonly time: number
  readonly party: Party
  readonly agent: Agent
  readonly state: AgentStateName
  readonly sessionStart: number
  readonly queueId: string | null
}

/** One analytics metric: ms where the name starts with `t`, a count where it starts with `n`. */
export interface Metric {
  readonly type: 'conversation.metrics'
  readonly time: number
  readonly party: Party
  readonly metric: string
  readonly value: number
  readonly queueId: string | null
}

/** Everything about the conversation is over, wrap-up included. No topic tells it. */
export interface Settled {
  readonly type: 'conversation.settled'
  readonly time: number
}

export interface PresenceChange {
  readonly type: 'presence'
  readonly time: number
  readonly agent: Agent
  readonly presence: SystemPresence
}

export type RoutingStatus =
  | 'OFF_QUEUE'
  | 'IDLE'
  | 'INTERACTING'
  | 'NOT_RESPONDING'
  | 'COMMUNICATING'

export interface RoutingChange {
  readonly type: 'routingStatus'
  readonly time: number
  readonly agent: Agent
  readonly status: RoutingStatus
}

export interface Login {
  readonly type: 'agent.login' | 'agent.logout'
  readonly time: number
  readonly agent: Agent
}

export interface Observation {
  readonly type: 'queue.observations'
  readonly time: number
  readonly queueId: string
  readonly mediaType: MediaType
  readonly waiting: number
  readonly interacting: number
  readonly idleAgents: number
  /** Invented, and drawn so finely that no two observations of a queue are the same. */
  readonly longestWaitingMs: number
}

export type ConversationHappening = Detail | AgentState | Metric | Settled
export type AgentHappening = PresenceChange | RoutingChange | Login
export type Happening = ConversationHappening | AgentHappening | Observation
export type HappeningType = Happening['type']

export function isDetail(happening: Happening): happening is Detail {
  return detailTypeNames.has(happening.type)
}

const detailTypeNames: ReadonlySet<string> = new Set(detailTypes)
