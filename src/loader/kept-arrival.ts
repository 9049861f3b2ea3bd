/**
 * The row of an event under its own id, as its record says it: nothing of it is made before it is
 * asked for, and who writes many rows copies them from where they stand.
 */
import { emptySlice } from '../core/slice.ts'
import type { StoredEntry } from '../journal/entry.ts'
import type { Arrival, SlicedField } from '../tables/arrivals.ts'
import type { JournalPlace } from './places.ts'

const slice = emptySlice()

export class KeptArrival implements Arrival {
  readonly stored: StoredEntry
  readonly #place: JournalPlace

  constructor(record: StoredEntry, place: JournalPlace) {
    this.stored = record
    this.#place = place
  }

  get outcome(): 'event' {
    return 'event'
  }

  get eventId(): string | null {
    return this.#text('eventId')
  }

  get orgId(): string | null {
    return this.stored.attributes.orgId
  }

  get source(): string {
    return this.stored.attributes.source
  }

  get dialect(): string {
    return this.stored.attributes.dialect
  }

  get topic(): string | null {
    return this.#text('topic')
  }

  get eventType(): string {
    return this.stored.attributes.eventType
  }

  get eventTime(): number {
    return this.stored.eventTime ?? this.stored.receivedAt
  }

  get eventTimeSource(): string {
    return this.stored.attributes.eventTimeSource
  }

  get receivedAt(): number {
    return this.stored.receivedAt
  }

  get conversationId(): string | null {
    return this.#text('conversationId')
  }

  get sender(): string {
    return this.stored.attributes.sender
  }

  get headers(): string {
    return this.stored.attributes.headers
  }

  get body(): Uint8Array {
    return this.#bytes('body')
  }

  get bodySha256(): Uint8Array {
    return this.#bytes('bodySha256')
  }

  get reason(): null {
    return null
  }

  get detail(): null {
    return null
  }

  get firstPosition(): null {
    return null
  }

  get journalId(): string {
    return this.#place.journalId
  }

  get journalPartition(): string {
    return this.#place.partition
  }

  get position(): number {
    return this.stored.position
  }

  #text(field: SlicedField): string | null {
    if (!this.stored.find(field, slice)) return null
    return slice.bytes.toString('utf8', slice.from, slice.to)
  }

  #bytes(field: SlicedField): Uint8Array {
    this.stored.find(field, slice)
    return slice.bytes.subarray(slice.from, slice.to)
  }
}
