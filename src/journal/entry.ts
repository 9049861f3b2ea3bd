/**
 * What is kept in the journal. Everything that happens is an entry, and each takes one position:
 *
 * - `event`: an accepted event, whole
 * - `repeat`: a delivery whose id and bytes were already durable at `firstPosition` of this
 *   partition; it carries no body
 * - `unreadable`: something proven that is no event, kept whole with the reason
 * - `note`: no event: tallies, gaps, watermarks, an operator's decisions, as the text of a JSON
 *   object
 */
import type { Slice } from '../core/slice.ts'
import type { Dialect, Envelope } from '../event/envelope.ts'
import type { SlicedField } from '../tables/arrivals.ts'

export type Entry = EventEntry | RepeatEntry | UnreadableEntry | NoteEntry

export interface EventEntry {
  readonly kind: 'event'
  readonly envelope: Envelope
}

export interface RepeatEntry {
  readonly kind: 'repeat'
  /** `body` is empty; `bodySha256` is that of the repeated body. */
  readonly envelope: Envelope
  readonly firstPosition: number
}

export interface UnreadableEntry {
  readonly kind: 'unreadable'
  readonly source: string
  readonly sender: string
  readonly headers: string
  readonly receivedAt: number
  /** A stable word such as `invalid_json`, and what exactly was wrong. */
  readonly reason: string
  readonly detail: string
  readonly body: Uint8Array
  readonly bodySha256: Uint8Array
}

export interface NoteEntry {
  readonly kind: 'note'
  /** The source it speaks of, or an empty text. */
  readonly source: string
  readonly receivedAt: number
  /** A stable word such as `tally`, and the text of a JSON object. */
  readonly reason: string
  readonly detail: string
}

/** What neighbouring entries share. Of what is no event the last four say nothing. */
export interface Attributes {
  readonly source: string
  readonly sender: string
  readonly headers: string
  readonly dialect: Dialect
  readonly eventType: string
  readonly eventTimeSource: string
  readonly orgId: string | null
}

/** An entry as the journal gives it back, or what is left of a damaged one. */
export type JournalRecord = StoredEntry | DamagedRecord

export interface StoredEntry {
  readonly kind: 'entry'
  readonly position: number
  /** Bytes that it takes in the journal. */
  readonly size: number
  /** Made of its bytes whenever it is asked for, whereas the following comes cheap. */
  readonly entry: Entry
  /** Null where the bytes are no entry: asked for it, the record says so. */
  readonly entryKind: Entry['kind'] | null
  /** As in the envelope, of what has one. */
  readonly receivedAt: number
  readonly eventTime: number | null
  readonly timeless: boolean
  /** What neighbouring records mostly share, the same array where they do. */
  readonly attributes: Attributes
  find(field: SlicedField, slice: Slice): boolean
}

export interface DamagedRecord {
  readonly kind: 'damaged'
  readonly position: number
  readonly detail: string
  /** What stands on disk in its place; empty when even that is unknown. */
  readonly bytes: Uint8Array
}
