/**
 * What a sender knows to be true: which bodies it sent, and what it was told became of them. The
 * answer that a lake is checked against (./compare.ts).
 *
 * A ledger is made of entries, in the order in which things happened; the same entries give the
 * same ledger. Memory: about 250 bytes for each body that is not a repetition.
 */
import { hash } from 'node:crypto'
import type { AnsweredOutcome } from '../sending/answer.ts'
import type { Expected } from '../traffic/faults.ts'
import type { Delivery } from '../traffic/packing.ts'

export type LedgerEntry = SentEntry | AcknowledgedEntry | GivenUpEntry

export interface SentEntry {
  readonly kind: 'sent'
  readonly delivery: number
  /** Key, SHA-256 in hexadecimal, and what it is. */
  readonly bodies: readonly (readonly [string, string, Expected])[]
}

export interface AcknowledgedEntry {
  readonly kind: 'acknowledged'
  readonly delivery: number
  readonly outcome: AnsweredOutcome
  /** For a batch: how many of its bodies had which outcome. */
  readonly counts: Readonly<Record<string, number>>
}

export interface GivenUpEntry {
  readonly kind: 'given-up'
  readonly delivery: number
  readonly reason: string
}

/** Resolves when the entry is where it must be before the sender goes on. */
export interface LedgerSink {
  record(entry: LedgerEntry): void | Promise<void>
}

export function sentEntry(delivery: Delivery): SentEntry {
  return {
    kind: 'sent',
    delivery: delivery.number,
    bodies: delivery.events.map(({ key, bytes, expected }) => [
      key,
      hash('sha256', bytes, 'hex'),
      expected,
    ]),
  }
}

/** What the receiver promised: to keep it, nothing yet, or (knowingly) nothing. */
export type Promised = 'kept' | 'nothing' | 'dropped'

export interface SentBody {
  readonly expected: Expected
  promised: Promised
}

/** A batch of which the receiver dropped some on purpose, without saying which. */
export interface PartlyDropped {
  readonly keys: readonly string[]
  readonly dropped: number
}

export class Ledger implements LedgerSink {
  readonly #bodies = new Map<string, SentBody>()
  readonly #keyBySha = new Map<string, string>()
  readonly #underWay = new Map<number, readonly string[]>()
  readonly #partlyDropped: PartlyDropped[] = []
  #givenUp = 0

  /** By key. */
  get bodies(): ReadonlyMap<string, SentBody> {
    return this.#bodies
  }

  get partlyDropped(): readonly PartlyDropped[] {
    return this.#partlyDropped
  }

  /** Deliveries. */
  get givenUp(): number {
    return this.#givenUp
  }

  /** The key of the body with this SHA-256, if it was ever sent. */
  keyOf(sha256: string): string | undefined {
    return this.#keyBySha.get(sha256)
  }

  record(entry: LedgerEntry) {
    if (entry.kind === 'sent') return this.#sent(entry)
    const keys = this.#underWay.get(entry.delivery) ?? []
    this.#underWay.delete(entry.delivery)
    if (entry.kind === 'given-up') this.#givenUp++
    else this.#acknowledged(entry, keys)
  }

  #sent({ delivery, bodies }: SentEntry) {
    const keys = bodies.map(([key, sha256, expected]) => {
      if (!this.#bodies.has(key)) this.#bodies.set(key, { expected, promised: 'nothing' })
      this.#keyBySha.set(sha256, key)
      return key
    })
    this.#underWay.set(delivery, keys)
  }

  #acknowledged({ outcome, counts }: AcknowledgedEntry, keys: readonly string[]) {
    const promised = outcome === 'filtered' || outcome === 'shed' ? 'dropped' : 'kept'
    const dropped = (counts['filtered'] ?? 0) + (counts['shed'] ?? 0)
    if (dropped > 0) this.#partlyDropped.push({ keys, dropped })
    for (const key of keys) {
      const body = this.#bodies.get(key)
      // What was once promised to be kept stays promised.
      if (body !== undefined && body.promised !== 'kept') body.promised = promised
    }
  }
}
