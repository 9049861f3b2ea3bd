/**
 * The arrivals of a batch that have an identity: its key is worked out once, where it stands.
 *
 * Most are events that nobody has heard of. They are but rows of numbers here; an object with what
 * it says is made of whatever leaves a doubt.
 */
import { emptySlice } from '../core/slice.ts'
import { type IdentityKey, putKey } from '../dedup/identity-key.ts'
import { keyAt, packValue, ROW_WORDS, valueAt } from '../dedup/identity-table.ts'
import { type IdentityWindow, ROWS_AT_ONCE } from '../dedup/identity-window.ts'
import type { Envelope } from '../event/envelope.ts'
import type { EventEntry, JournalRecord, RepeatEntry, StoredEntry } from '../journal/entry.ts'
import type { EventPlace, PartitionBatch, SourcePolicies, SourcePolicy } from './places.ts'

/** Clocks of senders may be ahead of ours by this much. */
const CLOCK_SKEW_MS = 300_000

/** An arrival that has an identity, with its key. */
export interface Candidate extends SourcePolicy {
  readonly entry: EventEntry | RepeatEntry
  readonly place: EventPlace
  readonly key: IdentityKey
}

export interface CandidateContext {
  readonly window: IdentityWindow
  readonly policies: SourcePolicies
}

export function isCandidate(record: JournalRecord): record is StoredEntry {
  if (record.kind !== 'entry') return false
  return record.entryKind === 'event' || record.entryKind === 'repeat'
}

export class Candidates {
  /** As the window would remember each. */
  readonly rows: Uint32Array
  readonly #records: readonly StoredEntry[]
  /** Of each 1 where `isUnknown`. */
  readonly #unknown: Uint8Array
  readonly #context: CandidateContext

  constructor(batches: readonly PartitionBatch[], context: CandidateContext) {
    this.#context = context
    const kept = batches.map(({ records }) => records.filter(isCandidate))
    this.#records = kept.flat()
    this.rows = new Uint32Array(this.length * ROW_WORDS)
    this.#unknown = new Uint8Array(this.length)
    let index = 0
    for (const [place, records] of kept.entries()) {
      const { journalId = '', partition = '' } = batches[place] ?? {}
      const number = records.length === 0 ? 0 : context.window.partitionIndex(journalId, partition)
      for (const record of records) this.#pack(index++, record, number)
    }
    for (let from = 0; from < this.length; from += ROWS_AT_ONCE) this.#look(from)
  }

  get length(): number {
    return this.#records.length
  }

  /** True of an event with a time of its own that neither the window nor the lake can know. */
  isUnknown(index: number): boolean {
    return this.#unknown[index] === 1
  }

  at(index: number): Candidate {
    const entry = this.#records[index]?.entry
    if (entry?.kind !== 'event' && entry?.kind !== 'repeat')
      throw new RangeError(`there is no candidate ${index}`)
    const { window, policies } = this.#context
    const { partition, position } = valueAt(this.rows, index * ROW_WORDS)
    const place = { ...window.partitionOf(partition), position }
    const { scope, repeatMs } = policies(entry.envelope.source)
    return { entry, place, key: keyAt(this.rows, index * ROW_WORDS), scope, repeatMs }
  }

  *all(): Generator<Candidate> {
    for (let index = 0; index < this.length; index++) yield this.at(index)
  }

  *doubtful(): Generator<Candidate> {
    for (let index = 0; index < this.length; index++)
      if (!this.isUnknown(index)) yield this.at(index)
  }

  #pack(index: number, record: StoredEntry, partition: number): void {
    const at = index * ROW_WORDS
    id.scope = this.#context.policies(record.attributes.source).scope
    record.find('eventId', id.eventId)
    putKey(this.rows, at, id)
    record.find('bodySha256', digest)
    value.bodyHash[0] = digest.bytes.readUInt32BE(digest.from)
    value.bodyHash[1] = digest.bytes.readUInt32BE(digest.from + 4)
    value.receivedAt = record.receivedAt
    value.position = record.position
    value.partition = partition
    packValue(this.rows, at, value)
  }

  /** Asks the window of some that stand one behind the other. */
  #look(from: number): void {
    const { window } = this.#context
    const to = Math.min(from + ROWS_AT_ONCE, this.length)
    window.touch(this.rows, from * ROW_WORDS, to * ROW_WORDS)
    for (let index = from; index < to; index++) {
      const record = this.#records[index]
      const isPlain = record?.entryKind === 'event' && !record.timeless
      const isUnknown = isPlain && !window.has(this.rows, index * ROW_WORDS)
      this.#unknown[index] = isUnknown && !mayBeOlder(record, window) ? 1 : 0
    }
  }
}

// Of one record after the other: objects for each would be most of what a batch leaves to collect.
const id = { scope: '', eventId: emptySlice() }
const digest = emptySlice()
const value = { bodyHash: [0, 0] as [number, number], receivedAt: 0, position: 0, partition: 0 }

/**
 * True where the window may not cover it. Our own clock may have been wrong as well as theirs, and
 * a time that is missing or yet to come says nothing of when it came first.
 */
export function mayBeOlder(
  arrival: Pick<Envelope, 'eventTime' | 'receivedAt'>,
  { coversSince }: IdentityWindow,
): boolean {
  if (coversSince === Number.NEGATIVE_INFINITY) return false
  const { eventTime, receivedAt } = arrival
  if (eventTime === null || eventTime > receivedAt + CLOCK_SKEW_MS) return true
  return Math.min(eventTime, receivedAt) < coversSince + CLOCK_SKEW_MS
}
