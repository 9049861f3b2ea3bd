/**
 * A record kept as the bytes that it stands in, which are shared with its neighbours.
 *
 * A batch of the loader is some 50,000 records. Held as what they say, each is a dozen objects that
 * outlive the young generation, and copying them about costs more CPU than what is done with them.
 * Held as bytes each is one small object; what most of them are asked for is told without another.
 */
import type { Slice } from '../core/slice.ts'
import type { SlicedField } from '../tables/arrivals.ts'
import type { Attributes, Entry, StoredEntry } from './entry.ts'
import {
  openAttributesReader,
  openEntryEncoder,
  payloadBound,
  readPayload,
  writePayload,
} from './entry-codec.ts'
import { EntryFacts, type Payload } from './entry-facts.ts'

/** Records whose facts stand together. */
const SHELF_RECORDS = 1024

/** Makes records of payloads. One serves a partition. */
export type RecordKeeper = (position: number, payload: Payload) => KeptRecord

export function openRecordKeeper(): RecordKeeper {
  const attributes = openAttributesReader()
  let facts = new EntryFacts(0)
  return (position, payload) => {
    if (facts.isFull) facts = new EntryFacts(SHELF_RECORDS)
    return new KeptRecord(position, payload, { attributes: attributes(payload), facts })
  }
}

/** Records of entries that did not come from a journal as they are. */
export function openEntryKeeper(): (position: number, entry: Entry) => KeptRecord {
  const encoder = openEntryEncoder()
  const keep = openRecordKeeper()
  return (position, entry) => {
    const encoded = encoder.encode(entry)
    const bytes = Buffer.allocUnsafeSlow(payloadBound(encoded))
    return keep(position, { bytes, from: 0, to: writePayload(bytes, 0, encoded) })
  }
}

export class KeptRecord implements StoredEntry, Payload {
  readonly position: number
  readonly bytes: Buffer
  readonly from: number
  readonly to: number
  readonly attributes: Attributes
  readonly #facts: EntryFacts
  readonly #index: number

  constructor(
    position: number,
    payload: Payload,
    shared: { attributes: Attributes; facts: EntryFacts },
  ) {
    this.position = position
    this.bytes = payload.bytes
    this.from = payload.from
    this.to = payload.to
    this.attributes = shared.attributes
    this.#facts = shared.facts
    this.#index = shared.facts.add(payload)
  }

  get kind(): 'entry' {
    return 'entry'
  }

  get size(): number {
    return this.to - this.from
  }

  get entry(): Entry {
    return readPayload(this, this.attributes)
  }

  get entryKind(): Entry['kind'] | null {
    return this.#facts.kind(this.#index)
  }

  get timeless(): boolean {
    return this.#facts.isTimeless(this.#index)
  }

  get receivedAt(): number {
    return this.#facts.receivedAt(this.#index)
  }

  get eventTime(): number | null {
    return this.#facts.eventTime(this.#index)
  }

  find(field: SlicedField, slice: Slice): boolean {
    return this.#facts.find(this.#index, this, { field, slice })
  }
}
