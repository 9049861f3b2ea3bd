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
import type { Envelope } from '../event/envelope.ts'

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

/** An entry as the journal gives it back, or what is left of a damaged one. */
export type JournalRecord = StoredEntry | DamagedRecord

export interface StoredEntry {
  readonly kind: 'entry'
  readonly position: number
  readonly entry: Entry
}

export interface DamagedRecord {
  readonly kind: 'damaged'
  readonly position: number
  readonly detail: string
  /** What stands on disk in its place; empty when even that is unknown. */
  readonly bytes: Uint8Array
}
