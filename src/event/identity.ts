/**
 * The identity of an event that carries no id: SHA-256 of its topic and its identity content.
 *
 * The identity content is what makes it that event. For a notification it is the `eventBody` alone:
 * the `metadata` beside it names the delivery (`CorrelationId`) and may differ when Genesys sends
 * the same event again. Where its time stands outside of the body (`timestamp`), that belongs to it
 * as well: it is all that tells an observation from the next one with the same numbers. Anywhere
 * else the identity content is the whole body.
 */
import { openObject } from './ascii.ts'
import { canonicalJson, canonicalMember, contentHash } from './canonical.ts'
import type { Recognised } from './envelope.ts'

/** What identity by content needs to know of an event; an Envelope has it. */
export type IdentityFacts = Pick<Recognised, 'dialect' | 'topic' | 'eventTimeSource'>

/**
 * The event id by content. A slice that is not JSON (`recognise` never gets one) counts as its
 * bytes.
 */
export function derivedId(event: IdentityFacts, slice: Uint8Array): string {
  return contentHash(event.topic, identityContent(event, slice) ?? slice)
}

/**
 * The canonical form of the identity content, or null when `slice` is not JSON. For the loader: two
 * events of one id are the same event when their bytes are equal or, if not, these are.
 */
export function identityContent(event: IdentityFacts, slice: Uint8Array): Buffer | null {
  if (event.dialect !== 'notification') return canonicalJson(slice)
  const body = canonicalMember(slice, 'eventBody')
  if (body === null || body[0] !== openObject) return canonicalJson(slice)
  if (event.eventTimeSource !== 'timestamp') return body
  const timestamp = canonicalMember(slice, 'timestamp')
  return timestamp === null ? body : Buffer.concat([body, Buffer.from(','), timestamp])
}
