/**
 * What a batch has to ask of the lake, because the window alone cannot tell. Pure; few arrivals ask
 * anything.
 */
import { identityKey } from '../dedup/identity-key.ts'
import type { IdentityWindow } from '../dedup/identity-window.ts'
import type { Envelope } from '../event/envelope.ts'
import { identityContent } from '../event/identity.ts'
import {
  againId,
  type Candidate,
  type DecideContext,
  fromLake,
  sameBytes,
  variantId,
} from './decide.ts'
import { evidenceKey, type Questions } from './evidence.ts'
import { type EventPlace, placeName } from './places.ts'

/** Clocks of senders may be ahead of ours by this much. */
const CLOCK_SKEW_MS = 300_000

/** What the lake must be asked first; then see `variantQuestions`. */
export function questionsOf(candidates: readonly Candidate[], window: IdentityWindow): Questions {
  const eventIds = new Set<string>()
  const places = new Map<string, EventPlace>()
  for (const { entry, place, key, repeatMs } of candidates) {
    const { envelope } = entry
    const { eventId, receivedAt } = envelope
    const known = window.get(key)
    if (envelope.timeless) {
      // Of those before the latest that is known, or before the window, only the lake knows.
      const covered = known === null ? window.coversSince : known.receivedAt
      if (receivedAt - repeatMs < covered && (known === null || receivedAt + repeatMs < covered))
        eventIds.add(eventId).add(againId(eventId, receivedAt))
      continue
    }
    if (known !== null && sameBytes(known, envelope)) continue
    if (entry.kind === 'repeat') {
      const first = { ...place, position: entry.firstPosition }
      places.set(placeName(first), first)
    }
    if (known !== null || mayBeOlder(envelope, window)) eventIds.add(eventId)
  }
  return { eventIds, places }
}

/**
 * What the lake must be asked once it has answered `questionsOf`: whether content under an id that
 * is used again has landed before the window begins. Exact ids, for there may be any number of
 * them.
 */
export function variantQuestions(
  candidates: readonly Candidate[],
  { window, evidence }: DecideContext,
): Questions {
  const eventIds = new Set<string>()
  for (const { entry, key, scope } of candidates) {
    const { envelope } = entry
    if (entry.kind === 'repeat' || envelope.timeless || !mayBeOlder(envelope, window)) continue
    const first = evidence.events.get(evidenceKey(scope, envelope.eventId))
    const known = window.get(key) ?? (first === undefined ? null : fromLake(first))
    if (known === null || sameBytes(known, envelope)) continue
    const eventId = variantId(envelope, identityContent(envelope, envelope.body))
    if (window.get(identityKey(scope, eventId)) === null) eventIds.add(eventId)
  }
  return { eventIds, places: new Map() }
}

/**
 * True where the window may not cover it. Our own clock may have been wrong as well as theirs, and
 * a time that is yet to come says nothing of when it came first.
 */
function mayBeOlder({ eventTime, receivedAt }: Envelope, { coversSince }: IdentityWindow): boolean {
  if (coversSince === Number.NEGATIVE_INFINITY) return false
  const time = eventTime ?? receivedAt
  const isAhead = time > receivedAt + CLOCK_SKEW_MS
  return isAhead || Math.min(time, receivedAt) < coversSince + CLOCK_SKEW_MS
}
