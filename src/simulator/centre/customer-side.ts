/**
 * The states of a conversation in which no agent takes part. Each lets time pass, tells what
 * happens in it, and names the state that follows.
 */
import type { Draft, State } from './draft.ts'
import { between, chance, duration, pick } from './draw.ts'
import type { DetailFields, Party } from './happening.ts'
import type { QueueVisit } from './truth.ts'
import type { Flow } from './world.ts'

/**
 * Inbound, or dialled by a campaign: the customer comes first. Dialled by an agent: the agent does.
 */
export function arrive(draft: Draft): State {
  const { random, profile, contact } = draft
  const outbound = contact.direction === 'OUTBOUND'
  if (outbound && (profile.mediaType === 'EMAIL' || chance(random, 0.6))) return 'dial'
  draft.tell('customer.start', draft.customer, customerFields(draft))
  if (outbound) return campaign(draft)
  draft.customerSince = draft.now
  draft.now += between(random, 20, 250)
  if (contact.externalContactId !== null && chance(random, 0.2)) {
    draft.tell('contact', draft.customer, customerFields(draft))
    draft.now += between(random, 5, 60)
  }
  return profile.flowType === null ? 'queue' : 'flow'
}

function campaign(draft: Draft): State {
  const { random } = draft
  const { id, contactListId } = pick(random, draft.world.campaigns)
  draft.now += between(random, 1, 20)
  draft.tell('outbound', draft.customer, {
    outboundCampaignId: id,
    outboundContactListId: contactListId,
    outboundContactId: random.uuid(),
    divisionId: draft.queue.divisionId,
  })
  draft.now += between(random, 3000, 20_000)
  if (chance(random, 0.4)) {
    draft.disconnect = 'UNCALLABLE'
    return 'leave'
  }
  draft.customerSince = draft.now
  return 'queue'
}

export function flow(draft: Draft): State {
  const { random, profile } = draft
  const taken = pick(random, draft.world.flows)
  const party = draft.join('ivr')
  const began = draft.now
  const fields = {
    flowType: profile.flowType ?? 'WORKFLOW',
    flowId: taken.id,
    flowVersion: taken.version,
    divisionId: draft.queue.divisionId,
  }
  draft.tell('flow.start', party, fields)
  draft.spend('flow', between(random, 2000, 20_000), { party, queueId: null })
  if (chance(random, 0.5)) tellOutcome(draft, taken, { party, fields, began })
  draft.spend('flow', between(random, 200, 4000), { party, queueId: null })
  const selfServed = chance(random, 0.12)
  const connectedDurationMs = draft.now - began
  const ending = selfServed
    ? { disconnectType: 'CLIENT', exitReason: 'DISCONNECT' }
    : { disconnectType: 'TRANSFER', exitReason: 'TRANSFER', transferType: 'ACD' }
  draft.tell('flow.end', party, { ...fields, ...ending, connectedDurationMs })
  if (selfServed) return 'leave'
  draft.now += between(random, 1, 150)
  return 'queue'
}

function tellOutcome(
  draft: Draft,
  flow: Flow,
  told: { party: Party; fields: DetailFields; began: number },
) {
  const { random } = draft
  const middle = Math.floor((told.began + draft.now) / 2)
  draft.tell('flow.outcome', told.party, {
    ...told.fields,
    flowOutcomeId: pick(random, flow.outcomes).id,
    flowOutcomeStartTime: told.began,
    flowOutcomeEndTime: draft.now,
    flowOutcomeValue: chance(random, 0.85) ? 'SUCCESS' : 'FAILURE',
    flowMilestones: [{ milestoneId: pick(random, flow.milestones).id, milestoneTime: middle }],
  })
}

export function queue(draft: Draft): State {
  const { random } = draft
  const { id: queueId, divisionId, skillId, agents } = draft.queue
  const party = draft.join('acd')
  const routing = {
    queueId,
    divisionId,
    requestedRoutingSkillIds: [skillId],
    routingPriority: random.below(3),
  }
  draft.tell('acd.start', party, routing)
  const fate = drawFate(draft)
  draft.spend('wait', fate.wait, { party, queueId })
  const agent = fate.outcome === 'ANSWERED' ? pick(random, agents) : null
  const visit: QueueVisit = {
    queueId,
    party,
    from: draft.now - fate.wait,
    to: draft.now,
    outcome: fate.outcome,
    userId: agent?.id ?? null,
  }
  draft.visits.push(visit)
  draft.tell('acd.end', party, {
    ...routing,
    disconnectType: fate.outcome === 'ABANDON' ? 'CLIENT' : 'TRANSFER',
    acdOutcome: fate.outcome,
    ...(agent === null ? {} : { answeredUserId: agent.id }),
    requestedRoutings: ['STANDARD'],
    usedRouting: 'STANDARD',
    connectedDurationMs: fate.wait,
  })
  if (fate.outcome === 'ABANDON') return 'leave'
  if (agent === null) return 'voicemail'
  const alertMs = Math.min(fate.wait, duration(random, draft.profile.alert))
  const [from, connectAt] = [visit.to - alertMs, visit.to]
  draft.offer = { agent, queueId, answers: visit, from, connectAt, dials: false }
  return 'serve'
}

/** Most are answered. Of those who leave, a third do so within five seconds. */
function drawFate(draft: Draft): { outcome: QueueVisit['outcome']; wait: number } {
  const { random, profile } = draft
  const luck = random.next()
  if (luck < 0.03) return { outcome: 'ABANDON', wait: between(random, 400, 4900) }
  if (luck < 0.09) return { outcome: 'ABANDON', wait: between(random, 5100, 240_000) }
  const wait = duration(random, profile.wait)
  if (luck < 0.11 && profile.voicemail) return { outcome: 'FLOW_OUT', wait }
  return { outcome: 'ANSWERED', wait }
}

export function voicemail(draft: Draft): State {
  const party = draft.join('voicemail')
  const { id: queueId, divisionId } = draft.queue
  const from = draft.now
  draft.tell('voicemail.start', party, { queueId, divisionId })
  draft.spend('voicemail', between(draft.random, 3000, 90_000), { party, queueId })
  draft.tell('voicemail.end', party, {
    queueId,
    divisionId,
    voicemailDurationMs: draft.now - from,
    disconnectType: 'PEER',
  })
  return 'leave'
}

/** The customer's session ends; who hung up first, they or the agent, is already decided. */
export function leave(draft: Draft): null {
  const { customerSince, now } = draft
  draft.tell('customer.end', draft.customer, {
    disconnectType: draft.disconnect,
    ...customerFields(draft),
    ...(customerSince === null ? {} : { interactingDurationMs: now - customerSince }),
  })
  return null
}

/** What the customer's own events carry beside the conversation's fields. */
export function customerFields(draft: Draft): DetailFields {
  const { externalContactId } = draft.contact
  const { divisionId } = draft.queue
  return externalContactId === null ? { divisionId } : { externalContactId, divisionId }
}
