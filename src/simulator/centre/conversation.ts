/**
 * A conversation, told from beginning to end in simulated time: a state machine whose every choice
 * comes from the random source, so that a seed gives the same conversation everywhere.
 *
 * - `arrive`: the customer comes (→ flow, → queue), a campaign reaches one (→ queue) or nobody
 *   (→ leave), or an agent is to call one (→ dial)
 * - `flow`: a menu or a bot (→ queue; → leave when it served the customer)
 * - `queue`: waiting (→ serve when answered; → leave when abandoned, soon or late; → voicemail)
 * - `voicemail`: a message is left (→ leave)
 * - `dial`: an agent calls out (→ serve)
 * - `serve`: an agent with the customer: talk, holds, after-call work (→ queue or → serve when the
 *   conversation is passed on; → leave)
 * - `leave`: the customer's session ends, and the conversation with it
 *
 * Limits: conversations know nothing of each other, so an agent may be in several at once; nobody
 * is alerted without answering; there are no conferences.
 */
import type { Random } from '../../core/random.ts'
import { dial, serve } from './agent-side.ts'
import { agentStates } from './agent-states.ts'
import type { Contact } from './contact.ts'
import { arrive, flow, leave, queue, voicemail } from './customer-side.ts'
import { Draft, type State } from './draft.ts'
import { pickWeighted } from './draw.ts'
import type { ConversationHappening, Party } from './happening.ts'
import { type MediaType, mediaProfiles, profileOf } from './media.ts'
import { metrics } from './metrics.ts'
import { type Span, type Truth, truthOf } from './truth.ts'
import type { World } from './world.ts'

export interface Conversation {
  readonly contact: Contact
  readonly customer: Party
  /** In order of time. */
  readonly happenings: readonly ConversationHappening[]
  readonly spans: readonly Span[]
  readonly truth: Truth
}

export interface ConversationOptions {
  readonly startAt: number
  /** Drawn as usual where it is left out. */
  readonly mediaType?: MediaType
}

const steps: Record<State, (draft: Draft) => State | null> = {
  arrive,
  flow,
  queue,
  voicemail,
  dial,
  serve,
  leave,
}

const usualMedia = mediaProfiles.map((profile) => [profile, profile.weight] as const)

export function tellConversation(
  deps: { readonly world: World; readonly random: Random },
  options: ConversationOptions,
): Conversation {
  const { mediaType, startAt } = options
  const profile =
    mediaType === undefined ? pickWeighted(deps.random, usualMedia) : profileOf(mediaType)
  const draft = new Draft(deps, { profile, startAt })
  let state: State | null = 'arrive'
  while (state !== null) state = steps[state](draft)

  const { contact, customer, spans, visits, legs } = draft
  const truth = truthOf({ ...contact, start: startAt, end: draft.now, spans, visits, legs })
  const happenings: ConversationHappening[] = [
    ...draft.details,
    ...agentStates(truth.legs, spans),
    ...metrics(draft),
  ]
  happenings.sort((one, other) => one.time - other.time)
  const settledAt = happenings.at(-1)?.time ?? draft.now
  happenings.push({ type: 'conversation.settled', time: settledAt })
  return { contact, customer, happenings, spans, truth }
}
