/**
 * What only the lake can tell about an arrival: asked for the few that the identity window alone
 * does not settle, once a batch.
 */
import type { IdentityFacts } from '../event/identity.ts'
import type { Outcome } from '../tables/arrivals.ts'
import type { EventPlace } from './places.ts'

/** Which events with these ids, and which rows at these places, stand in the lake. */
export interface Questions {
  readonly eventIds: ReadonlySet<string>
  readonly places: ReadonlyMap<string, EventPlace>
}

export interface LandedEvent extends IdentityFacts {
  readonly eventId: string
  readonly source: string
  readonly body: Buffer
  readonly bodySha256: string
  readonly receivedAt: number
  readonly place: EventPlace
}

/** A row at a place: an event, a duplicate with the event it repeats, or neither. */
export interface LandedRow {
  readonly outcome: Outcome
  readonly eventId: string | null
  readonly first: EventPlace | null
}

export interface Evidence {
  /** By scope and id, see `evidenceKey`. */
  readonly events: ReadonlyMap<string, LandedEvent>
  /** By `placeName`. */
  readonly rows: ReadonlyMap<string, LandedRow>
}

export const noEvidence: Evidence = { events: new Map(), rows: new Map() }

export function evidenceKey(scope: string, eventId: string): string {
  return `${scope}\n${eventId}`
}
