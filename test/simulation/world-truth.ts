/**
 * What a simulated world owes its senders: each acknowledged event once in the lake, or still in
 * the journal. One for each history, outside of the disk that forgets.
 */
import { createHash } from 'node:crypto'
import type { Random } from '../../src/core/random.ts'
import type { Envelope } from '../../src/event/envelope.ts'
import type { JournalRecord } from '../../src/journal/entry.ts'
import { type EventPlace, placeName } from '../../src/loader/places.ts'
import { eventEntry } from '../support/entries.ts'
import { type LineRow, placeOf } from './line-arrivals.ts'

/** A partition as an inspection finds it: where the lake stands, and the records from there on. */
export interface PartitionState {
  readonly journalId: string
  readonly partition: string
  readonly stands: number
  readonly records: readonly JournalRecord[]
}

export class WorldTruth {
  readonly faults: string[] = []
  /** Ids that were answered with a 200, each once or more. */
  readonly acknowledged = new Set<string>()
  /** By `placeName`: the id that was promised to stand there. */
  readonly #places = new Map<string, string>()
  readonly #sent: Envelope[] = []
  readonly #waiting: Envelope[] = []

  /**
   * What a sender delivers next: something new, what was never acknowledged, or, as a sender does
   * that lost the answer, what was; then sometimes in another spelling.
   */
  delivery(random: Random, now: number): Envelope {
    const kind = random.below(10)
    const waiting = this.#waiting[random.below(this.#waiting.length)]
    const known = this.#sent.at(-1 - random.below(Math.min(this.#sent.length, 30)))
    if (kind < 3 && waiting !== undefined) return { ...waiting, receivedAt: now }
    if (kind < 5 && known !== undefined) return respelled({ ...known, receivedAt: now }, random)
    const { envelope } = eventEntry(this.#sent.length)
    const fresh = { ...envelope, eventTime: now, receivedAt: now }
    this.#sent.push(fresh)
    this.#waiting.push(fresh)
    return fresh
  }

  acknowledge({ eventId }: Envelope, place: EventPlace) {
    this.acknowledged.add(eventId)
    this.#places.set(placeName(place), eventId)
    const index = this.#waiting.findIndex((one) => one.eventId === eventId)
    if (index >= 0) this.#waiting.splice(index, 1)
  }

  inspect(rows: readonly LineRow[], partitions: readonly PartitionState[]) {
    const ids = new Map<string, string>()
    for (const row of rows) ids.set(placeName(placeOf(row)), row.eventId ?? '')
    for (const { records, ...partition } of partitions) {
      for (const record of records) {
        ids.set(placeName({ ...partition, position: record.position }), idOf(record))
      }
    }
    for (const [place, id] of this.#places) {
      const found = ids.get(place)
      if (found !== id) this.faults.push(`${place} should hold ${id}, and holds ${found}`)
    }
    this.#checkEvents(rows)
    for (const partition of partitions) this.#checkPositions(rows, partition)
  }

  /** For a lake that has everything: `inspect` goes before. */
  inspectDrained(rows: readonly LineRow[], partitions: readonly PartitionState[]) {
    for (const { partition, records } of partitions) {
      if (records.length > 0) this.faults.push(`${partition} still holds ${records.length} records`)
    }
    const events = new Set(rows.filter(isEvent).map(({ eventId }) => eventId))
    for (const id of this.acknowledged) {
      if (!events.has(id)) this.faults.push(`${id} was acknowledged and is no event`)
    }
  }

  /** Each event once, whole; and nothing of what was sent is a dead letter. */
  #checkEvents(rows: readonly LineRow[]) {
    const seen = new Set<string>()
    for (const { outcome, eventId, body, reason } of rows) {
      if (outcome === 'dead_letter') this.faults.push(`a dead letter: ${eventId}, ${reason}`)
      if (outcome !== 'event') continue
      if (seen.has(eventId ?? '')) this.faults.push(`${eventId} is an event twice`)
      seen.add(eventId ?? '')
      const sent = this.#sent.find((one) => one.eventId === eventId)
      if (sent === undefined || body?.trim() !== Buffer.from(sent.body).toString())
        this.faults.push(`${eventId} holds what nobody sent`)
    }
  }

  /** Every position below where the lake stands is one row, and the journal goes on from there. */
  #checkPositions(rows: readonly LineRow[], state: PartitionState) {
    const { journalId, partition, stands, records } = state
    const landed = rows
      .filter((row) => row.journalId === journalId && row.journalPartition === partition)
      .map(({ position }) => position)
      .sort((a, b) => a - b)
    const found = [...landed, ...records.map(({ position }) => position)]
    if (landed.length !== stands || found.some((position, index) => position !== index))
      this.faults.push(`${partition} stands at ${stands}, and there is ${found.join(' ')}`)
  }
}

function isEvent({ outcome }: LineRow): boolean {
  return outcome === 'event'
}

function idOf(record: JournalRecord): string {
  if (record.kind === 'damaged') return 'damaged'
  return record.entry.kind === 'event' || record.entry.kind === 'repeat'
    ? record.entry.envelope.eventId
    : record.entry.kind
}

function respelled(envelope: Envelope, random: Random): Envelope {
  if (random.below(3) > 0) return envelope
  const body = Buffer.concat([envelope.body, Buffer.from(' ')])
  return { ...envelope, body, bodySha256: createHash('sha256').update(body).digest() }
}
