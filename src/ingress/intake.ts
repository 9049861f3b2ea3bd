/**
 * From the bytes of a delivery to durable entries: frame, recognise, leave out what is not wanted,
 * ask whether there is room for the rest, look into the seen-cache, append.
 *
 * Guarantee: when `take` resolves, everything in the delivery that the source wants is durable,
 * each event as itself, as a repetition of one that is durable, or as something unreadable kept
 * whole. Nothing else is left out, and what is left out is in the receipt. Where it rejects, some
 * of it may be found in the journal later, and the sender must try again.
 */
import { hash } from 'node:crypto'
import type { Clock } from '../core/clock.ts'
import { InletError } from '../core/errors.ts'
import type { SeenScope } from '../dedup/seen-cache.ts'
import type { Envelope } from '../event/envelope.ts'
import type { Entry } from '../journal/entry.ts'
import type { JournalWriter } from '../journal/journal.ts'
import {
  type Candidate,
  type Candidates,
  candidatesOf,
  type EventCandidate,
  keptWhole,
  type Unreadable,
  type Wants,
} from './candidates.ts'
import type { Admission } from './overload/admission.ts'

export interface IntakeDeps {
  readonly journal: Pick<JournalWriter, 'append'>
  readonly clock: Clock
}

/** What a source means for its events. */
export interface IntakeSource extends Wants {
  readonly name: string
  readonly seen: SeenScope
  readonly admission: Pick<Admission, 'admit'>
}

/** Something that a proven sender delivered. */
export interface Delivery {
  readonly source: IntakeSource
  readonly sender: string
  /** The text of a JSON object. */
  readonly headers: string
  readonly body: Uint8Array
  /** When it came, where that is not now: ms since the epoch. */
  readonly receivedAt?: number
  /** True for a part of what its sender can only repeat whole, once that has begun. */
  readonly isPart?: boolean
}

/** What became of a delivery: each of its events is counted once. */
export interface Receipt {
  readonly batch: boolean
  readonly stored: number
  readonly duplicate: number
  readonly quarantined: number
  readonly filtered: number
  /** The filtered ones by reason. */
  readonly filteredFor: ReadonlyMap<string, number>
  /** The ids of the events that were shed. */
  readonly shed: readonly string[]
}

export const noReceipt: Receipt = {
  batch: false,
  stored: 0,
  duplicate: 0,
  quarantined: 0,
  filtered: 0,
  filteredFor: new Map(),
  shed: [],
}

/** Of parts that were taken one by one; a batch if the first is. */
export function sumOf(first: Receipt, ...others: readonly Receipt[]): Receipt {
  const sum = { ...first }
  const filteredFor = new Map(first.filteredFor)
  const shed = [...first.shed]
  for (const one of others) {
    sum.stored += one.stored
    sum.duplicate += one.duplicate
    sum.quarantined += one.quarantined
    sum.filtered += one.filtered
    shed.push(...one.shed)
    for (const [reason, count] of one.filteredFor)
      filteredFor.set(reason, (filteredFor.get(reason) ?? 0) + count)
  }
  return { ...sum, filteredFor, shed }
}

export class Intake {
  readonly #deps: IntakeDeps
  readonly #batchEvents: number

  constructor(deps: IntakeDeps, options: { readonly batchEvents: number }) {
    this.#deps = deps
    this.#batchEvents = options.batchEvents
  }

  /** Rejects with INL_ING_BATCH_SIZE, a deferral, or with what the journal says. */
  take(delivery: Delivery): Promise<Receipt> {
    return this.#keep(delivery, candidatesOf(delivery.body, delivery.source, this.#batchEvents))
  }

  /** Keeps a body whole that no event can be read from, whatever it holds. */
  takeUnreadable(delivery: Delivery, why: Pick<Unreadable, 'reason' | 'detail'>): Promise<Receipt> {
    return this.#keep(delivery, keptWhole(delivery.body, why))
  }

  #keep(delivery: Delivery, candidates: Candidates): Promise<Receipt> {
    const { batch, events, wanted, filtered, filteredFor } = candidates
    const limit = this.#batchEvents
    if (events > limit)
      return Promise.reject(new InletError('INL_ING_BATCH_SIZE', { events, limit }))
    const left = { batch, filtered, filteredFor }
    const { source, receivedAt = this.#deps.clock.now() } = delivery
    const verdict = source.admission.admit(wanted, { events, isPart: delivery.isPart ?? false })
    if (verdict === 'shed') return Promise.resolve({ ...noReceipt, ...left, shed: idsOf(wanted) })
    if (verdict !== 'take') return Promise.reject(verdict)
    if (wanted.length === 0) return Promise.resolve({ ...noReceipt, ...left })
    const { entries, outcome } = written({ delivery, receivedAt, wanted }, left)
    return whenDurable(this.#deps.journal.append(entries), outcome)
  }
}

/** What is shed is never unreadable: that is not low. */
function idsOf(candidates: readonly Candidate[]): string[] {
  return candidates.flatMap((one) => (one.kind === 'event' ? one.recognised.eventId : []))
}

/**
 * All that is needed once a delivery is durable. While it waits for the disk, neither its body nor
 * what was parsed from it stays in memory.
 */
interface Outcome {
  readonly receipt: Receipt
  readonly seen: SeenScope
  /** The hashes of the bodies, one behind the other. */
  readonly digests: Buffer
  /** Which of them to remember. */
  readonly fresh: readonly number[]
}

interface Taken {
  readonly delivery: Delivery
  readonly receivedAt: number
  readonly wanted: readonly Candidate[]
}

const DIGEST_BYTES = 32

/** What goes into the journal, and what is to be done once it is there. */
function written(
  { delivery, receivedAt, wanted }: Taken,
  { batch, filtered, filteredFor }: Pick<Receipt, 'batch' | 'filtered' | 'filteredFor'>,
): { entries: Entry[]; outcome: Outcome } {
  const { seen } = delivery.source
  // Each member by its name: a copy of an object costs a small request a hundredth.
  const { shed } = noReceipt
  const receipt = { batch, stored: 0, duplicate: 0, quarantined: 0, filtered, filteredFor, shed }
  const digests = Buffer.allocUnsafe(DIGEST_BYTES * wanted.length)
  const fresh: number[] = []
  const entries = wanted.map((candidate, place): Entry => {
    const bodySha256 = digestAt(digests, place)
    // By way of a text, which costs a third of what asking for a Buffer does.
    bodySha256.write(hash('sha256', candidate.slice, 'latin1'), 'latin1')
    if (candidate.kind === 'unreadable') {
      receipt.quarantined++
      return unreadableEntry({ delivery, receivedAt, bodySha256 }, candidate)
    }
    const { timeless } = candidate.recognised
    const firstPosition = timeless ? null : seen.find(digests, DIGEST_BYTES * place)
    const envelope = envelopeOf({ delivery, receivedAt, bodySha256 }, candidate)
    if (firstPosition !== null) {
      receipt.duplicate++
      return { kind: 'repeat', envelope: { ...envelope, body: noBody }, firstPosition }
    }
    receipt.stored++
    if (!timeless) fresh.push(place)
    return { kind: 'event', envelope }
  })
  return { entries, outcome: { receipt, seen, digests, fresh } }
}

function digestAt(digests: Buffer, place: number): Buffer {
  return digests.subarray(DIGEST_BYTES * place, DIGEST_BYTES * (place + 1))
}

async function whenDurable(appended: Promise<number>, outcome: Outcome): Promise<Receipt> {
  const first = await appended
  const { receipt, seen, digests, fresh } = outcome
  for (const place of fresh) seen.add(digests, DIGEST_BYTES * place, first + place)
  return receipt
}

const noBody = new Uint8Array(0)

interface Circumstances {
  readonly delivery: Delivery
  readonly receivedAt: number
  readonly bodySha256: Uint8Array
}

/** Each member by its name: a copy with more members costs several times as much. */
function envelopeOf(
  { delivery, receivedAt, bodySha256 }: Circumstances,
  { slice, recognised }: EventCandidate,
): Envelope {
  const { source, sender, headers } = delivery
  return {
    dialect: recognised.dialect,
    eventId: recognised.eventId,
    timeless: recognised.timeless,
    orgId: recognised.orgId ?? source.orgId,
    topic: recognised.topic,
    eventType: recognised.eventType,
    eventTime: recognised.eventTime,
    eventTimeSource: recognised.eventTimeSource,
    conversationId: recognised.conversationId,
    source: source.name,
    sender,
    headers,
    receivedAt,
    body: slice,
    bodySha256,
  }
}

function unreadableEntry(
  { delivery, receivedAt, bodySha256 }: Circumstances,
  { slice, reason, detail }: Unreadable,
): Entry {
  return {
    kind: 'unreadable',
    source: delivery.source.name,
    sender: delivery.sender,
    headers: delivery.headers,
    receivedAt,
    reason,
    detail,
    body: slice,
    bodySha256,
  }
}
