/**
 * What a dialect is: how a payload of its shape is told, and what it says of itself.
 *
 * One file a dialect. A reader is pure and never throws: whatever is missing, null or of another
 * type reads as null (../fields.ts, ../time.ts).
 */
import type { Dialect } from '../envelope.ts'
import type { GenericMapping } from '../generic-mapping.ts'
import type { ObjectView } from '../json-view.ts'
import type { EventTime } from '../time.ts'

export interface DialectReader {
  readonly dialect: Dialect
  /** By shape alone: nothing follows from it about who sent it. */
  matches(value: ObjectView, options: RecogniseOptions): boolean
  read(value: ObjectView, options: RecogniseOptions): Reading
}

export interface RecogniseOptions {
  /** Event types that the configuration names beside the catalogue; each passes `isEventType`. */
  readonly eventTypes: ReadonlySet<string>
  /**
   * Guide A without an id: take interactionId and eventType as the identity. It makes every later
   * state of an interaction a repetition of the first, which is why it has to be asked for.
   */
  readonly compositeIdentity?: boolean
  /** The dialects that bodies may be in; left out: every one. What is in none is `unknown`. */
  readonly dialects?: readonly Dialect[]
  /** Makes `generic` one of them, which reads what no other does. */
  readonly generic?: GenericMapping
}

export interface Reading {
  /** The id that the body carries; null where it has none, or none that can be used. */
  readonly id: string | null
  readonly orgId: string | null
  readonly topic: string | null
  readonly eventType: string
  readonly time: EventTime | null
  readonly conversationId: string | null
}
