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
import { frame } from '../event/frame.ts'
import type { Entry } from '../journal/entry.ts'
import type { JournalWriter } from '../journal/journal.ts'
import {
  type Candidate,
  candidatesOf,
  type EventCandidate,
  type Part,
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

interface Parts {
  readonly batch: boolean
  readonly elements: readonly Part[]
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
    return this.#keep(delivery, frame(delivery.body))
  }

  /** Keeps a body whole that no event can be read from, whatever it holds. */
  takeUnreadable(delivery: Delivery, why: Pick<Unreadable, 'reason' | 'detail'>): Promise<Receipt> {
    const whole = { kind: 'unreadable', slice: delivery.body, ...why } as const
    return this.#keep(delivery, { batch: false, elements: [whole] })
  }

  #keep(delivery: Delivery, { batch, elements }: Parts): Promise<Receipt> {
    const events = elements.length
    const limit = this.#batchEvents
    if (events > limit)
      return Promise.reject(new InletError('INL_ING_BATCH_SIZE', { events, limit }))
    const { source, receivedAt = this.#deps.clock.now() } = delivery
    const { wanted, ...left } = candidatesOf(elements, source)
    const verdict = source.admission.admit(wanted, { events, isPart: delivery.isPart ?? false })
    if (verdict === 'shed')
      return Promise.resolve({ ...noReceipt, batch, ...left, shed: idsOf(wanted) })
    if (verdict !== 'take') return Promise.reject(verdict)
    const entries = wanted.map((candidate) => entryOf(delivery, candidate, receivedAt))
    const outcome = outcomeOf(source.seen, entries, { batch, ...left })
    if (entries.length === 0) return Promise.resolve(outcome.receipt)
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
  /** What to remember: the hash of a body, and how far behind the first entry it stands. */
  readonly fresh: readonly { readonly bodySha256: Uint8Array; readonly offset: number }[]
}

function outcomeOf(
  seen: SeenScope,
  entries: readonly Entry[],
  left: Pick<Receipt, 'batch' | 'filtered' | 'filteredFor'>,
): Outcome {
  const receipt = { ...noReceipt, ...left }
  const fresh: { bodySha256: Uint8Array; offset: number }[] = []
  for (let offset = 0; offset < entries.length; offset++) {
    const entry = entries[offset]
    if (entry?.kind === 'event') {
      const { timeless, bodySha256 } = entry.envelope
      if (!timeless) fresh.push({ bodySha256, offset })
      receipt.stored++
    } else if (entry?.kind === 'repeat') receipt.duplicate++
    else receipt.quarantined++
  }
  return { receipt, seen, fresh }
}

async function whenDurable(appended: Promise<number>, outcome: Outcome): Promise<Receipt> {
  const first = await appended
  const { receipt, seen, fresh } = outcome
  for (const { bodySha256, offset } of fresh) seen.add(bodySha256, first + offset)
  return receipt
}

function entryOf(delivery: Delivery, candidate: Candidate, receivedAt: number): Entry {
  return candidate.kind === 'event'
    ? eventEntry(delivery, candidate, receivedAt)
    : unreadableEntry(delivery, candidate, receivedAt)
}

const noBody = new Uint8Array(0)

function eventEntry(
  delivery: Delivery,
  { slice, recognised }: EventCandidate,
  receivedAt: number,
): Entry {
  const { source, sender, headers } = delivery
  const bodySha256 = sha256(slice)
  const firstPosition = recognised.timeless ? null : source.seen.find(bodySha256)
  const envelope = {
    ...recognised,
    orgId: recognised.orgId ?? source.orgId,
    source: source.name,
    sender,
    headers,
    receivedAt,
    body: firstPosition === null ? slice : noBody,
    bodySha256,
  }
  return firstPosition === null
    ? { kind: 'event', envelope }
    : { kind: 'repeat', envelope, firstPosition }
}

function unreadableEntry(
  delivery: Delivery,
  { slice, reason, detail }: Unreadable,
  receivedAt: number,
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
    bodySha256: sha256(slice),
  }
}

/** By way of a text, which costs a third of what asking for a Buffer does. */
function sha256(bytes: Uint8Array): Buffer {
  return Buffer.from(hash('sha256', bytes, 'latin1'), 'latin1')
}
