/**
 * What becomes of each arrival: event, duplicate, dead letter or note. Pure: the window is told of
 * the batch only once that has landed, so that a decision may be taken again, and so that nothing
 * is let go of between the questions and the answers.
 *
 * - same id and same bytes, or the same canonical content: a duplicate
 * - same id and other content: an event of its own, `id#hash`, with the reason `id_reused`
 * - a body without a time of its own: a duplicate within `repeatMs` of the event, else an event
 *   again, `id@received`, with the reason `observed_again`; so is one that the window cannot tell
 *   from one observed long ago
 *
 * Every doubt ends in an event: what is kept twice can be told apart later, what is dropped cannot.
 */
import { hash } from 'node:crypto'
import { type IdentityKey, identityKey } from '../dedup/identity-key.ts'
import {
  IdentityTable,
  MAX_PARTITIONS,
  packRow,
  type Remembered,
  ROW_WORDS,
  valueAt,
} from '../dedup/identity-table.ts'
import type { IdentityWindow } from '../dedup/identity-window.ts'
import type { Envelope } from '../event/envelope.ts'
import { identityContent } from '../event/identity.ts'
import type { Candidate, Candidates } from './candidates.ts'
import { type Evidence, evidenceKey, type LandedEvent } from './evidence.ts'
import { type EventPlace, placeName } from './places.ts'

const CONTENT_HASH_DIGITS = 16

export type Verdict =
  | {
      readonly outcome: 'event'
      /** Null for that of the arrival itself. */
      readonly eventId: string | null
      readonly reason: EventReason | null
    }
  | {
      readonly outcome: 'duplicate'
      readonly eventId: string
      readonly first: EventPlace
      /** False when other bytes say the same: then they are kept. */
      readonly sameBytes: boolean
    }
  | { readonly outcome: 'dead_letter'; readonly reason: string; readonly detail: string }

export type EventReason = 'id_reused' | 'observed_again'

export function variantId({ eventId, body }: Envelope, content: Buffer | null): string {
  return `${eventId}#${hash('sha256', content ?? body).slice(0, CONTENT_HASH_DIGITS)}`
}

export function againId(eventId: string, receivedAt: number): string {
  return `${eventId}@${receivedAt}`
}

export interface DecideContext {
  readonly window: IdentityWindow
  readonly evidence: Evidence
}

export interface Decided {
  /** For each candidate, in their order. */
  readonly verdicts: readonly Verdict[]
  /** Rows that the window has to remember once the batch has landed, in their order. */
  readonly identities: Uint32Array
}

export function decideAll(candidates: Candidates, context: DecideContext): Decided {
  return new Judge(context, candidates).decideAll()
}

/** Of what is an event under its own id, as most arrivals are. */
export const ownEvent: Verdict = { outcome: 'event', eventId: null, reason: null }

export interface Known extends Omit<Remembered, 'partition'> {
  readonly place: EventPlace
}

class Judge {
  readonly #context: DecideContext
  readonly #candidates: Candidates
  /** What was decided in this batch, which the lake cannot tell yet. */
  readonly #verdicts: Verdict[] = []
  /** Indexes of the first of them by `placeNumber`: made once somebody asks, as few batches do. */
  readonly #places = new Map<number, number>()
  /** The identities of this batch, which the window cannot tell yet. */
  readonly #fresh: IdentityTable
  /** The same as rows in their order. */
  readonly #identities: Uint32Array
  #end = 0

  constructor(context: DecideContext, candidates: Candidates) {
    this.#context = context
    this.#candidates = candidates
    this.#fresh = new IdentityTable(candidates.length)
    this.#identities = new Uint32Array(candidates.rows.length)
  }

  decideAll(): Decided {
    const candidates = this.#candidates
    const isTold = this.#context.evidence.events.size > 0
    for (let index = 0; index < candidates.length; index++) {
      const isPlain = !isTold && candidates.isUnknown(index)
      this.#verdicts.push(isPlain ? this.#plain(index) : this.#decide(candidates.at(index)))
    }
    return { verdicts: this.#verdicts, identities: this.#identities.subarray(0, this.#end) }
  }

  /** Of an event that nothing but this batch may know. */
  #plain(index: number): Verdict {
    const { rows } = this.#candidates
    const at = index * ROW_WORDS
    if (this.#fresh.has(rows, at)) return this.#decide(this.#candidates.at(index))
    this.#remember(rows, at)
    return ownEvent
  }

  #decide(candidate: Candidate): Verdict {
    return candidate.entry.kind === 'event' ? this.#event(candidate) : this.#repeat(candidate)
  }

  #remember(rows: Uint32Array, at: number): void {
    this.#fresh.setRow(rows, at)
    for (let word = 0; word < ROW_WORDS; word++)
      this.#identities[this.#end++] = rows[at + word] ?? 0
  }

  /** What was decided of the place in this batch. */
  #decidedAt(place: EventPlace): { candidate: Candidate; verdict: Verdict } | null {
    for (let index = this.#places.size; index < this.#verdicts.length; index++) {
      const known = valueAt(this.#candidates.rows, index * ROW_WORDS)
      this.#places.set(placeNumber(known), index)
    }
    const partition = this.#context.window.partitionIndex(place.journalId, place.partition)
    const index = this.#places.get(placeNumber({ ...place, partition })) ?? -1
    const verdict = this.#verdicts[index]
    return verdict === undefined ? null : { candidate: this.#candidates.at(index), verdict }
  }

  #event(candidate: Candidate): Verdict {
    const { key, scope } = candidate
    const { envelope } = candidate.entry
    const { eventId } = envelope
    const known = this.#known(key, scope, eventId)
    if (envelope.timeless) return this.#observation(candidate, known)
    if (known === null) return this.#accept(candidate, { key, eventId, reason: null })
    if (sameBytes(known, envelope)) return duplicate(eventId, known, true)
    return this.#sameIdOtherBytes(candidate, known)
  }

  /**
   * Beside the latest one that is known, the one that it repeats may have come long before. Where
   * the window does not cover everything, an unknown one may have been observed before it.
   */
  #observation(candidate: Candidate, latest: Known | null): Verdict {
    const { key, scope, repeatMs } = candidate
    const { envelope } = candidate.entry
    const { eventId, receivedAt } = envelope
    const again = againId(eventId, receivedAt)
    const { window, evidence } = this.#context
    const earlier = window.get(key, receivedAt + repeatMs)
    const landed = [eventId, again].flatMap((id) => {
      const found = evidence.events.get(evidenceKey(scope, id))
      return found === undefined ? [] : [fromLake(found)]
    })
    const known = [latest, earlier === null ? null : placed(window, earlier), ...landed]
    const first = known.find(
      (one) => one !== null && Math.abs(receivedAt - one.receivedAt) <= repeatMs,
    )
    if (first) return duplicate(eventId, first, sameBytes(first, envelope))
    const isFirst = latest === null && window.coversSince === Number.NEGATIVE_INFINITY
    if (isFirst) return this.#accept(candidate, { key, eventId, reason: null })
    return this.#accept(candidate, { key, eventId: again, reason: 'observed_again' })
  }

  #sameIdOtherBytes(candidate: Candidate, known: Known): Verdict {
    const { scope } = candidate
    const { envelope } = candidate.entry
    const content = identityContent(envelope, envelope.body)
    if (content !== null && this.#content(known)?.equals(content) === true) {
      return duplicate(envelope.eventId, known, false)
    }
    const eventId = variantId(envelope, content)
    const key = identityKey(scope, eventId)
    const variant = this.#known(key, scope, eventId)
    if (variant !== null) return duplicate(eventId, variant, sameBytes(variant, envelope))
    return this.#accept(candidate, { key, eventId, reason: 'id_reused' })
  }

  /** A repeat has no body: what became of the position that it names is what it repeats. */
  #repeat({ entry, place, key, scope }: Candidate): Verdict {
    const { envelope } = entry
    const { eventId } = envelope
    const known = this.#known(key, scope, eventId)
    if (known !== null && sameBytes(known, envelope)) return duplicate(eventId, known, true)
    const position = entry.kind === 'repeat' ? entry.firstPosition : place.position
    const named = { ...place, position }
    const { verdict, candidate } = this.#decidedAt(named) ?? {}
    if (verdict?.outcome === 'event')
      return repeatOf(verdict.eventId ?? candidate?.entry.envelope.eventId ?? eventId, named)
    if (verdict?.outcome === 'duplicate') return repeatOf(verdict.eventId, verdict.first)
    const landed = this.#context.evidence.rows.get(placeName(named))
    const first = landed?.outcome === 'event' ? named : (landed?.first ?? null)
    if (first !== null) return repeatOf(landed?.eventId ?? eventId, first)
    const detail = `it repeats position ${position}, where no event could be read`
    return { outcome: 'dead_letter', reason: 'first_unreadable', detail }
  }

  #accept(
    { entry, place }: Candidate,
    as: { key: IdentityKey; eventId: string; reason: EventReason | null },
  ): Verdict {
    const value = {
      bodyHash: bodyHash(entry.envelope),
      receivedAt: entry.envelope.receivedAt,
      position: place.position,
      partition: this.#context.window.partitionIndex(place.journalId, place.partition),
    }
    const row = new Uint32Array(ROW_WORDS)
    packRow(row, 0, { key: as.key, value })
    this.#remember(row, 0)
    return { outcome: 'event', eventId: as.eventId, reason: as.reason }
  }

  #known(key: IdentityKey, scope: string, eventId: string): Known | null {
    const { window, evidence } = this.#context
    const remembered = this.#fresh.get(key) ?? window.get(key)
    if (remembered !== null) return placed(window, remembered)
    if (evidence.events.size === 0) return null
    const landed = evidence.events.get(evidenceKey(scope, eventId))
    return landed === undefined ? null : fromLake(landed)
  }

  /** The canonical content of the event at a place, from this batch or from the lake. */
  #content({ place }: Known): Buffer | null {
    const here = this.#decidedAt(place)?.candidate.entry.envelope
    const event = here ?? this.#context.evidence.contents.get(placeName(place))
    return event === undefined ? null : identityContent(event, event.body)
  }
}

/** One number for a place, cheaper as a key than its name. */
function placeNumber({ position, partition }: { position: number; partition: number }): number {
  return position * (MAX_PARTITIONS + 1) + partition
}

function duplicate(eventId: string, known: Known, same: boolean): Verdict {
  return { outcome: 'duplicate', eventId, first: known.place, sameBytes: same }
}

function repeatOf(eventId: string, first: EventPlace): Verdict {
  return { outcome: 'duplicate', eventId, first, sameBytes: true }
}

/** What the window remembers, with its place spelled out. */
export function placed(window: IdentityWindow, remembered: Remembered): Known {
  const { partition, position } = remembered
  return { ...remembered, place: { ...window.partitionOf(partition), position } }
}

export function fromLake(landed: LandedEvent): Known {
  const digest = Buffer.from(landed.bodySha256, 'hex')
  return {
    bodyHash: [digest.readUInt32BE(0), digest.readUInt32BE(4)],
    receivedAt: landed.receivedAt,
    position: landed.place.position,
    place: landed.place,
  }
}

function bodyHash({ bodySha256 }: Envelope): [number, number] {
  return [wordAt(bodySha256, 0), wordAt(bodySha256, 4)]
}

function wordAt(bytes: Uint8Array, at: number): number {
  const high = ((bytes[at] ?? 0) << 24) | ((bytes[at + 1] ?? 0) << 16)
  return (high | ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0)) >>> 0
}

export function sameBytes(
  known: { bodyHash: readonly [number, number] },
  envelope: Envelope,
): boolean {
  const { bodySha256 } = envelope
  return known.bodyHash[0] === wordAt(bodySha256, 0) && known.bodyHash[1] === wordAt(bodySha256, 4)
}
