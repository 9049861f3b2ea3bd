/**
 * What only the lake can tell about an arrival: asked for the few that the identity window alone
 * does not settle, twice a batch at most.
 *
 * Every question says where its answer can stand, so that an answer costs as little of the lake as
 * there is to know: the files of the days in question, or of one position.
 */
import type { IdentityWindow } from '../dedup/identity-window.ts'
import type { IdentityFacts } from '../event/identity.ts'
import type { DeltaTable } from '../lake/delta/delta-table.ts'
import type { Outcome } from '../tables/arrivals.ts'
import type { EventPlace, SourcePolicies } from './places.ts'
import type { PositionRange } from './progress/standing.ts'

/** What the loader asks `bronze.arrivals`, as `table` knows it: a port, answered by ./bronze.ts. */
export interface LandedArrivals {
  /** Fills the window with every event received since `since`. */
  fillWindow(table: DeltaTable, context: FillContext): Promise<void>
  /** Answers questions of a batch: asked only where there is doubt. */
  gatherEvidence(
    table: DeltaTable,
    asked: { questions: Questions; policies: SourcePolicies },
  ): Promise<Evidence>
}

export interface FillContext {
  readonly window: IdentityWindow
  readonly policies: SourcePolicies
  /** Milliseconds since the epoch. */
  readonly since: number
  /** Only events at these positions; all where it is left out. */
  readonly ranges?: readonly PositionRange[]
  /**
   * Told of all that the window is told (`setRows`), in the same order, a few at a time. They stand
   * there until it resolves.
   */
  readonly onRows?: (rows: Uint32Array) => Promise<void> | undefined
}

/** Which events with exactly these ids, and which rows at these places, stand in the lake. */
export interface Questions {
  /** Each with when its event was received, if there is one. */
  readonly eventIds: ReadonlyMap<string, Received>
  /** By `placeName`. */
  readonly places: ReadonlyMap<string, EventPlace>
  /** Places of events whose content is asked for, by `placeName`. */
  readonly contents: ReadonlyMap<string, ReceivedPlace>
}

/** Milliseconds since the epoch, both ends included. */
export interface Received {
  readonly from: number
  readonly until: number
}

export interface ReceivedPlace extends EventPlace {
  /** Milliseconds since the epoch, to the second. */
  readonly receivedAt: number
}

export interface LandedEvent {
  readonly eventId: string
  readonly source: string
  readonly bodySha256: string
  readonly receivedAt: number
  readonly place: EventPlace
}

export interface LandedContent extends IdentityFacts {
  readonly eventType: string
  readonly body: Buffer
}

/** A row at a place: an event, a duplicate with the event it repeats, or neither. */
export interface LandedRow {
  readonly outcome: Outcome
  readonly eventId: string | null
  readonly first: EventPlace | null
  readonly source: string | null
  readonly receivedAt: number
  readonly reason: string | null
}

export interface Evidence {
  /** By scope and id, see `evidenceKey`. */
  readonly events: ReadonlyMap<string, LandedEvent>
  /** By `placeName`. */
  readonly rows: ReadonlyMap<string, LandedRow>
  /** By `placeName`. */
  readonly contents: ReadonlyMap<string, LandedContent>
}

export const noEvidence: Evidence = { events: new Map(), rows: new Map(), contents: new Map() }

export function evidenceKey(scope: string, eventId: string): string {
  return `${scope}\n${eventId}`
}
