/** The states of a conversation in which an agent takes part: calling out, and serving. */
import { customerFields } from './customer-side.ts'
import type { Draft, Offer, Place, State } from './draft.ts'
import { between, chance, duration, pick } from './draw.ts'
import type { DetailFields, Party } from './happening.ts'
import type { AgentLeg, Span, SpanKind } from './truth.ts'
import type { Agent } from './world.ts'

const longestChain = 5
const notes = ['Called about an invoice.', 'Wants to be called again.', 'Sent the form by e-mail.']

/** An agent turns to a customer, on behalf of a queue. */
export function dial(draft: Draft): State {
  const agent = pick(draft.random, draft.queue.agents)
  const { now, queue } = draft
  draft.offer = { agent, queueId: queue.id, answers: null, from: now, connectAt: now, dials: true }
  return 'serve'
}

/**
 * From the alert to the end of the agent's session; after-call work runs on beside what follows.
 */
export function serve(draft: Draft): State {
  const { offer, queue } = draft
  if (offer === null) throw new Error('nobody was offered the conversation')
  const { agent, queueId, answers, from } = offer
  const party = draft.join('agent', agent)
  const where = { party, queueId }
  const fields: DetailFields = {
    userId: agent.id,
    ...(queueId === null ? {} : { queueId }),
    divisionId: queue.divisionId,
  }
  draft.now = from
  draft.tell('user.start', party, fields)
  draft.spend('alert', offer.connectAt - from, where)
  const reached = reach(draft, offer, where)
  if (reached) talk(draft, where)
  const ending = reached ? drawEnding(draft) : unreached
  draft.disconnect = ending.customer
  draft.tell('user.end', party, {
    ...fields,
    disconnectType: ending.agent,
    ...sessionDurations(draft.spans, party),
  })
  const wrapUp = tellWrapUp(draft, agent, where)
  draft.legs.push({
    userId: agent.id,
    party,
    queueId,
    from,
    to: draft.now,
    answers,
    transfer: ending.transfer,
    wrapUp,
  })
  return follow(draft, ending)
}

/** Callbacks and calls out: false when the customer did not answer. */
function reach(draft: Draft, offer: Offer, where: Place): boolean {
  const { random, profile, contact } = draft
  const callsBack = contact.callbackAt !== null && draft.legs.length === 0
  if (callsBack) draft.spend('callback', between(random, 1000, 40_000), where)
  if (!offer.dials && !callsBack) return true
  const rings = profile.address === 'phone'
  if (rings) draft.spend('dial', between(random, 300, 6000), where)
  if (offer.dials) draft.tell('customer.start', draft.customer, customerFields(draft))
  if (rings) draft.spend('contact', between(random, 1500, 25_000), where)
  if (rings && chance(random, 0.3)) return false
  if (offer.dials) draft.customerSince = draft.now
  return true
}

function talk(draft: Draft, where: Place) {
  const { random, profile } = draft
  let left = duration(random, profile.talk)
  const attributesAfter = chance(random, 0.35) ? random.next() : null
  if (attributesAfter !== null) {
    const before = Math.floor(left * attributesAfter)
    draft.spend('talk', before, where)
    left -= before
    tellAttributes(draft)
  }
  while (left > 2000 && chance(random, profile.hold)) {
    const before = between(random, 1000, left - 1000)
    draft.spend('talk', before, where)
    left -= before
    draft.spend('hold', between(random, 3000, 120_000), where)
  }
  draft.spend('talk', left, where)
}

function tellAttributes(draft: Draft) {
  const { random, contact } = draft
  const attributes = {
    accountTier: pick(random, ['basic', 'silver', 'gold']),
    'ivr.intent': pick(random, ['billing', 'order', 'outage', 'other']),
    callbackNumber: contact.customer.phone,
  }
  draft.tell('attributes', draft.customer, { attributes })
}

interface Ending {
  readonly agent: string
  readonly customer: string
  readonly transfer: AgentLeg['transfer']
  readonly next: 'queue' | 'serve' | 'leave'
}

const unreached: Ending = {
  agent: 'ENDPOINT',
  customer: 'UNCALLABLE',
  transfer: null,
  next: 'leave',
}

function drawEnding(draft: Draft): Ending {
  const { random, profile } = draft
  if (draft.legs.length < longestChain && chance(random, profile.transfer)) {
    const consult = chance(random, 0.3)
    return {
      agent: consult ? 'CONSULT_TRANSFER' : 'TRANSFER',
      customer: 'CLIENT',
      transfer: consult ? 'consult' : 'blind',
      next: chance(random, 0.6) ? 'queue' : 'serve',
    }
  }
  const left = { transfer: null, next: 'leave' } as const
  const luck = random.next()
  if (luck < 0.01) return { ...left, agent: 'TRANSPORT_FAILURE', customer: 'TRANSPORT_FAILURE' }
  return luck < 0.55
    ? { ...left, agent: 'PEER', customer: 'CLIENT' }
    : { ...left, agent: 'CLIENT', customer: 'PEER' }
}

function follow(draft: Draft, ending: Ending): State {
  const { random, world } = draft
  draft.now += ending.customer === 'PEER' ? between(random, 5, 80) : 0
  if (ending.next === 'leave') return 'leave'
  draft.now += between(random, 1, 300)
  if (ending.next === 'queue') {
    draft.queue = pick(random, world.queues)
    return 'queue'
  }
  const from = draft.now
  const connectAt = from + duration(random, draft.profile.alert)
  draft.offer = {
    agent: pick(random, world.agents),
    queueId: null,
    answers: null,
    from,
    connectAt,
    dials: false,
  }
  return 'serve'
}

/** Tells of after-call work and the wrap-up code, which lie after the agent's session. */
function tellWrapUp(draft: Draft, agent: Agent, where: Place): AgentLeg['wrapUp'] {
  const { random, world, details } = draft
  if (chance(random, 0.1)) return null
  const { party, queueId } = where
  const wrapupDurationMs = duration(random, draft.profile.acw)
  const wrapupCode = pick(random, world.wrapUpCodes).id
  const time = draft.now + wrapupDurationMs
  draft.spans.push({ kind: 'acw', ...where, from: draft.now, to: time })
  const fields: DetailFields = {
    ...(queueId === null ? {} : { queueId }),
    wrapupCode,
    ...(chance(random, 0.2) ? { wrapupNotes: pick(random, notes) } : {}),
    wrapupDurationMs,
  }
  details.push({ type: 'acw', time, party, fields: { userId: agent.id, ...fields } })
  details.push({ type: 'wrapup', time: time + between(random, 1, 20), party, fields })
  return { code: wrapupCode, at: time }
}

/** The durations of a `user.end`; one that is nothing is left out. */
function sessionDurations(spans: readonly Span[], party: Party): DetailFields {
  const total = (kind: SpanKind) =>
    spans.reduce((sum, s) => (s.kind === kind && s.party === party ? sum + s.to - s.from : sum), 0)
  const entries = Object.entries({
    interactingDurationMs: total('talk'),
    heldDurationMs: total('hold'),
    alertingDurationMs: total('alert'),
    dialingDurationMs: total('dial'),
    contactingDurationMs: total('contact'),
    callbackDurationMs: total('callback'),
  })
  return Object.fromEntries(entries.filter(([, ms]) => ms > 0))
}
