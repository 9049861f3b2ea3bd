/**
 * What a batch has to ask of the lake, because the window alone cannot tell. Pure; few arrivals ask
 * anything.
 *
 * An event that the window does not know was received before `coversSince`, if ever. What has a
 * time of its own asks only where that time lies there too. What has an id and no time can be as
 * old as the lake: each such event asks, all of a batch together, and the answer is one reading of
 * the ids of what was received before the window.
 */
import { identityKey } from '../dedup/identity-key.ts'
import type { IdentityWindow } from '../dedup/identity-window.ts'
import { identityContent } from '../event/identity.ts'
import { type Candidate, type Candidates, mayBeOlder } from './candidates.ts'
import { againId, type DecideContext, fromLake, placed, sameBytes, variantId } from './decide.ts'
import { evidenceKey, type Questions, type Received, type ReceivedPlace } from './evidence.ts'
import { type EventPlace, placeName } from './places.ts'

/** What the lake must be asked first; then see `furtherQuestions`. */
export function questionsOf(candidates: Candidates, window: IdentityWindow): Questions {
  const eventIds = new Map<string, Received>()
  const places = new Map<string, EventPlace>()
  for (const candidate of candidates.doubtful()) {
    const { entry, place, key } = candidate
    const { envelope } = entry
    if (envelope.timeless) {
      askOfObservation(eventIds, candidate, window)
      continue
    }
    const known = window.get(key)
    if (known !== null && sameBytes(known, envelope)) continue
    if (entry.kind === 'repeat') {
      const first = { ...place, position: entry.firstPosition }
      places.set(placeName(first), first)
    }
    if (known === null && mayBeOlder(envelope, window))
      ask(eventIds, envelope.eventId, beforeWindow(window))
  }
  return { eventIds, places, contents: new Map() }
}

/** Of those before the latest that is known, or before the window, only the lake knows. */
function askOfObservation(
  eventIds: Map<string, Received>,
  { entry, key, repeatMs }: Candidate,
  window: IdentityWindow,
): void {
  const { eventId, receivedAt } = entry.envelope
  const known = window.get(key)
  const isSettled =
    known === null
      ? receivedAt - repeatMs >= window.coversSince
      : receivedAt + repeatMs >= known.receivedAt
  if (isSettled) return
  const received = { from: receivedAt - repeatMs, until: receivedAt + repeatMs }
  ask(eventIds, eventId, received)
  ask(eventIds, againId(eventId, receivedAt), received)
}

/**
 * What the lake must be asked once it has answered `questionsOf`, of events whose id is known with
 * other bytes: what the known one says, and whether this content has landed under the id before the
 * window begins. Exact places and exact ids, for there may be any number of events under an id.
 */
export function furtherQuestions(
  candidates: Candidates,
  { window, evidence }: DecideContext,
): Questions {
  const eventIds = new Map<string, Received>()
  const contents = new Map<string, ReceivedPlace>()
  // Whatever the lake knows may be what another arrival says as well.
  const asking = evidence.events.size === 0 ? candidates.doubtful() : candidates.all()
  for (const { entry, key, scope } of asking) {
    const { envelope } = entry
    if (entry.kind === 'repeat' || envelope.timeless) continue
    const remembered = window.get(key)
    if (remembered === null && evidence.events.size === 0) continue
    const landed = evidence.events.get(evidenceKey(scope, envelope.eventId))
    const known = remembered === null ? landed && fromLake(landed) : placed(window, remembered)
    if (known === undefined || sameBytes(known, envelope)) continue
    contents.set(placeName(known.place), { ...known.place, receivedAt: known.receivedAt })
    if (!mayBeOlder(envelope, window)) continue
    const eventId = variantId(envelope, identityContent(envelope, envelope.body))
    if (window.get(identityKey(scope, eventId)) === null)
      ask(eventIds, eventId, beforeWindow(window))
  }
  return { eventIds, places: new Map(), contents }
}

function ask(eventIds: Map<string, Received>, eventId: string, { from, until }: Received): void {
  const asked = eventIds.get(eventId)
  eventIds.set(eventId, {
    from: Math.min(from, asked?.from ?? from),
    until: Math.max(until, asked?.until ?? until),
  })
}

function beforeWindow({ coversSince }: IdentityWindow): Received {
  return { from: Number.NEGATIVE_INFINITY, until: coversSince }
}
