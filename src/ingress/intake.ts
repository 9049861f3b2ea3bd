/**
 * From the bytes of a delivery to durable entries: frame, recognise, look into the seen-cache,
 * append.
 *
 * Guarantee: when `take` resolves, everything in the delivery is durable, each event as itself, as
 * a repetition of one that is durable, or as something unreadable kept whole. Nothing is dropped.
 * Where it rejects, some of it may be found in the journal later, and the sender must try again.
 */
import { hash } from 'node:crypto'
import type { Clock } from '../core/clock.ts'
import { InletError } from '../core/errors.ts'
import type { SeenScope } from '../dedup/seen-cache.ts'
import { type Element, frame, type JsonObject } from '../event/frame.ts'
import { type RecogniseOptions, recognise } from '../event/recognise.ts'
import type { Entry, UnreadableEntry } from '../journal/entry.ts'
import type { JournalWriter } from '../journal/journal.ts'

export interface IntakeDeps {
  readonly journal: JournalWriter
  readonly clock: Clock
}

/** What a source means for its events. */
export interface IntakeSource {
  readonly name: string
  readonly orgId: string | null
  readonly recognise: RecogniseOptions
  readonly seen: SeenScope
}

/** Something that a proven sender delivered. */
export interface Delivery {
  readonly source: IntakeSource
  readonly sender: string
  /** The text of a JSON object. */
  readonly headers: string
  readonly body: Uint8Array
}

/** What became of a delivery: each of its events is counted once. */
export interface Receipt {
  readonly batch: boolean
  readonly stored: number
  readonly duplicate: number
  readonly quarantined: number
}

export class Intake {
  readonly #deps: IntakeDeps
  readonly #batchEvents: number

  constructor(deps: IntakeDeps, options: { readonly batchEvents: number }) {
    this.#deps = deps
    this.#batchEvents = options.batchEvents
  }

  /** Rejects with INL_ING_BATCH_SIZE, or with what the journal says. */
  async take(delivery: Delivery): Promise<Receipt> {
    const { batch, elements } = frame(delivery.body)
    const limit = this.#batchEvents
    const events = elements.length
    if (events > limit) throw new InletError('INL_ING_BATCH_SIZE', { events, limit })
    const receivedAt = this.#deps.clock.now()
    const entries = elements.map((element) => entryOf(delivery, element, receivedAt))
    return this.#keep(delivery, entries, batch)
  }

  /** Keeps a body whole that no event can be read from, whatever it holds. */
  takeUnreadable(delivery: Delivery, why: { reason: string; detail: string }): Promise<Receipt> {
    const { body } = delivery
    const entry = unreadableEntry(delivery, { slice: body, ...why }, this.#deps.clock.now())
    return this.#keep(delivery, [entry], false)
  }

  async #keep(delivery: Delivery, entries: readonly Entry[], batch: boolean): Promise<Receipt> {
    if (entries.length === 0) return { batch, stored: 0, duplicate: 0, quarantined: 0 }
    const first = await this.#deps.journal.append(entries)
    remember(delivery.source.seen, entries, first)
    let duplicate = 0
    let quarantined = 0
    for (const { kind } of entries) {
      if (kind === 'repeat') duplicate++
      else if (kind === 'unreadable') quarantined++
    }
    return { batch, stored: entries.length - duplicate - quarantined, duplicate, quarantined }
  }
}

function remember(seen: SeenScope, entries: readonly Entry[], first: number): void {
  for (let index = 0; index < entries.length; index++) {
    const entry = entries[index]
    if (entry?.kind !== 'event' || entry.envelope.timeless) continue
    seen.add(entry.envelope.bodySha256, first + index)
  }
}

function entryOf(delivery: Delivery, element: Element, receivedAt: number): Entry {
  return element.kind === 'object'
    ? eventEntry(delivery, element, receivedAt)
    : unreadableEntry(delivery, element, receivedAt)
}

const noBody = new Uint8Array(0)

function eventEntry(
  delivery: Delivery,
  element: { readonly slice: Uint8Array; readonly value: JsonObject },
  receivedAt: number,
): Entry {
  const { source, sender, headers } = delivery
  const recognised = recognise(element.value, element.slice, source.recognise)
  const bodySha256 = sha256(element.slice)
  const firstPosition = recognised.timeless ? null : source.seen.find(bodySha256)
  const envelope = {
    ...recognised,
    orgId: recognised.orgId ?? source.orgId,
    source: source.name,
    sender,
    headers,
    receivedAt,
    body: firstPosition === null ? element.slice : noBody,
    bodySha256,
  }
  return firstPosition === null
    ? { kind: 'event', envelope }
    : { kind: 'repeat', envelope, firstPosition }
}

function unreadableEntry(
  delivery: Delivery,
  element: { readonly slice: Uint8Array; readonly reason: string; readonly detail: string },
  receivedAt: number,
): UnreadableEntry {
  const { slice, reason, detail } = element
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
