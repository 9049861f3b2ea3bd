/**
 * Bodies as `bronze: masked` keeps them: masked before anything is decided about them, so that
 * identities, hashes and duplicates all speak of what is stored.
 *
 * - A body that is no JSON, of a dead letter or of a damaged record, is not kept at all: nothing in
 *   it can be told apart (ADR 014).
 * - A repeated delivery brings the hash of the body as it was sent, which would give a number away
 *   to whoever tries all of them: it is not kept either.
 *
 * Limits: of an id that comes again under another key or other rules, what was masked differs: both
 * are kept. Two bodies that differ in masked values alone are one.
 */
import { hash } from 'node:crypto'
import type { Envelope } from '../event/envelope.ts'
import type { Entry, JournalRecord } from '../journal/entry.ts'
import { openEntryKeeper } from '../journal/kept-record.ts'
import { knownIn } from '../privacy/envelopes.ts'
import type { Policy } from '../privacy/policy.ts'
import type { Schemas } from '../schemas/registry.ts'
import { type Subject, schemaTopic } from '../schemas/topic.ts'
import type { Arrival } from '../tables/arrivals.ts'
import type { Evidence, LandedContent } from './evidence.ts'
import type { PartitionBatch } from './places.ts'

export interface MaskingRules {
  readonly policy: Policy
  readonly schemas: Pick<Schemas, 'isKnown' | 'takesText'>
}

/** What is kept of a body; empty where that is nothing. `subject` is null for what is no event. */
export type BodyMask = (body: Uint8Array, subject: Subject | null) => Uint8Array

const nothing = new Uint8Array()

export function bodyMask(rules: MaskingRules): BodyMask {
  return (body, subject) => {
    const known = subject === null ? () => false : knownFields(rules, subject)
    const masked = rules.policy.maskJson(body, { known })
    return masked === null ? nothing : Buffer.from(masked)
  }
}

/** Which fields of a whole body its schema names, and what is around it. */
export function knownFields({ schemas }: MaskingRules, subject: Subject) {
  const topic = schemaTopic(subject)
  return knownIn(subject.dialect, (path, isText) =>
    isText ? schemas.takesText(topic, path) : schemas.isKnown(topic, path),
  )
}

export function maskBatches(
  batches: readonly PartitionBatch[],
  mask: BodyMask,
): readonly PartitionBatch[] {
  const keep = openEntryKeeper()
  const masked = (record: JournalRecord): JournalRecord => {
    if (record.kind === 'damaged') return { ...record, bytes: nothing }
    return keep(record.position, maskedEntry(record.entry, mask))
  }
  return batches.map((batch) => ({ ...batch, records: batch.records.map(masked) }))
}

/** What landed before bodies were masked is compared as it would be kept today. */
export function maskContents(
  contents: Evidence['contents'],
  mask: BodyMask,
): ReadonlyMap<string, LandedContent> {
  return new Map(
    [...contents].map(([place, event]) => [
      place,
      { ...event, body: Buffer.from(mask(event.body, event)) },
    ]),
  )
}

/** The row without the hash of a body that it does not have. */
export function withoutForeignHash(row: Arrival): Arrival {
  return row.body === null ? { ...row, bodySha256: null } : row
}

function maskedEntry(entry: Entry, mask: BodyMask): Entry {
  if (entry.kind === 'unreadable') return { ...entry, ...kept(mask(entry.body, null)) }
  if (entry.kind !== 'event') return entry
  const { envelope } = entry
  const masked: Envelope = { ...envelope, ...kept(mask(envelope.body, envelope)) }
  return { ...entry, envelope: masked }
}

function kept(body: Uint8Array) {
  return { body, bodySha256: hash('sha256', body, 'buffer') }
}
