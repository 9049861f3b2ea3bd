/**
 * What only the lake can tell about an arrival: asked for the few that the identity window alone
 * does not settle, once a batch.
 */
import type { IdentityWindow } from '../dedup/identity-window.ts'
import type { IdentityFacts } from '../event/identity.ts'
import type { DeltaTable } from '../lake/delta/delta-table.ts'
import type { Outcome } from '../tables/arrivals.ts'
import type { EventPlace, SourcePolicies } from './places.ts'

/** What the loader asks `bronze.arrivals`, as `table` knows it: a port, answered by ./bronze.ts. */
export interface LandedArrivals {
  /**
   * Fills the window with every event received since `since` (ms). Where the lake has older ones,
   * the window says that it does not cover them.
   */
  fillWindow(
    table: DeltaTable,
    context: { window: IdentityWindow; policies: SourcePolicies; since: number },
  ): Promise<void>
  /** Answers the questions of a batch, out of all of bronze: asked only where there is doubt. */
  gatherEvidence(
    table: DeltaTable,
    asked: { questions: Questions; policies: SourcePolicies },
  ): Promise<Evidence>
}

/** Which events with exactly these ids, and which rows at these places, stand in the lake. */
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
