/** A conversation while it is being told: where it stands, and what has happened so far. */
import type { Random } from '../../core/random.ts'
import type { Contact } from './contact.ts'
import { makeContact } from './contact.ts'
import { chance, pick } from './draw.ts'
import type { Detail, DetailFields, DetailType, Party } from './happening.ts'
import type { MediaProfile } from './media.ts'
import type { AgentLeg, QueueVisit, Span, SpanKind } from './truth.ts'
import type { Agent, Queue, World } from './world.ts'

/** The states of a conversation; ./conversation.ts says what leads from one to another. */
export type State = 'arrive' | 'flow' | 'queue' | 'voicemail' | 'dial' | 'serve' | 'leave'

/** Where a span is spent. */
export interface Place {
  readonly party: Party
  readonly queueId: string | null
}

/** A conversation on its way to an agent. */
export interface Offer {
  readonly agent: Agent
  readonly queueId: string | null
  /** The wait that it ends; null past any queue. */
  readonly answers: QueueVisit | null
  /**
   * When the agent is alerted; earlier than `now` after a queue, which tells of its own end first.
   */
  readonly from: number
  readonly connectAt: number
  /** True where the agent calls the customer. */
  readonly dials: boolean
}

export class Draft {
  readonly world: World
  readonly random: Random
  readonly profile: MediaProfile
  readonly contact: Contact
  readonly customer: Party
  readonly details: Detail[] = []
  readonly spans: Span[] = []
  readonly visits: QueueVisit[] = []
  readonly legs: AgentLeg[] = []
  now: number
  queue: Queue
  offer: Offer | null = null
  /** When the customer was connected; null where that never happened. */
  customerSince: number | null = null
  /** How the customer's session will end. */
  disconnect = 'CLIENT'

  constructor(
    deps: { readonly world: World; readonly random: Random },
    options: { readonly profile: MediaProfile; readonly startAt: number },
  ) {
    this.world = deps.world
    this.random = deps.random
    this.profile = options.profile
    this.now = options.startAt
    this.queue = pick(deps.random, deps.world.queues)
    const direction = chance(deps.random, options.profile.outbound) ? 'OUTBOUND' : 'INBOUND'
    this.contact = makeContact(deps.random, { ...options, direction, queue: this.queue })
    this.customer = this.join('customer')
  }

  join(purpose: Party['purpose'], agent: Agent | null = null): Party {
    return {
      participantId: this.random.uuid(),
      sessionId: this.random.uuid(),
      purpose,
      agent,
    }
  }

  /** Tells of something that happens at this moment. */
  tell(type: DetailType, party: Party, fields: DetailFields = {}) {
    this.details.push({ type, time: this.now, party, fields })
  }

  /** Lets `ms` pass, in which the party does one thing, or goes on with what it was doing. */
  spend(kind: SpanKind, ms: number, where: Place) {
    if (ms <= 0) return
    const last = this.spans.at(-1)
    const goesOn = last?.kind === kind && last.party === where.party
    const from = goesOn ? last.from : this.now
    if (goesOn) this.spans.pop()
    this.now += ms
    this.spans.push({ kind, ...where, from, to: this.now })
  }
}
