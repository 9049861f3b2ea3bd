/**
 * Keeps whoever was erased out of what comes: redelivered, filled back or read from an old journal.
 *
 * Tombstones are notes of an operator's, rows of `bronze.notes`. A loader reads them when it opens
 * the table and as they pass it; one that another loader lands makes the table be opened anew. What
 * comes of an erased person is kept as an erasure would leave it, before anything is decided about
 * it: a repeated delivery is still one.
 *
 * Cost: nothing while nobody was erased; then a look at every text of every body.
 */
import { hash } from 'node:crypto'
import type { Envelope } from '../../event/envelope.ts'
import { parseJson } from '../../event/json.ts'
import type { Entry } from '../../journal/entry.ts'
import type { DeltaTable } from '../../lake/delta/delta-table.ts'
import type { SqlEngine } from '../../lake/sql/duckdb.ts'
import type { ObjectStore } from '../../lake/store/object-store.ts'
import { withLeases } from '../../lake/store/with-leases.ts'
import type { PrivacyKey } from '../../privacy/key.ts'
import {
  type IsSought,
  namesAny,
  type SubjectKind,
  seeksErased,
  subjectKinds,
  type Tombstone,
} from '../../privacy/subject.ts'
import { schemaTopic } from '../../schemas/topic.ts'
import type { MaskingRules } from '../body-mask.ts'
import { bronzeSelect } from '../bronze-files.ts'
import type { PartitionBatch } from '../places.ts'
import { names, redactedBody } from './seek.ts'

/** The reason of the note. */
export const SUBJECT_ERASED = 'subject_erased'

export interface Erasure {
  /** Learns of everybody whom the table tells of. */
  load(table: DeltaTable): Promise<void>
  apply(batches: readonly PartitionBatch[]): readonly PartitionBatch[]
}

export interface ErasureRules extends MaskingRules {
  readonly keys: readonly PrivacyKey[]
}

export function openErasure(
  deps: { readonly engine: SqlEngine; readonly store: ObjectStore },
  rules: ErasureRules,
): Erasure {
  let tombstones: Tombstone[] = []
  let isSought: IsSought = () => false
  const learn = (more: readonly Tombstone[]) => {
    if (more.length === 0) return
    tombstones = [...tombstones, ...more]
    isSought = seeksErased(tombstones, rules.keys)
  }
  return {
    async load(table) {
      const known = new Set(tombstones.map(({ digest }) => digest))
      const read = await readTombstones(deps, table)
      learn(read.filter(({ digest }) => !known.has(digest)))
    },
    apply(batches) {
      learn(batches.flatMap(({ records }) => records.flatMap(tombstoneIn)))
      if (tombstones.length === 0) return batches
      return batches.map((batch) => ({
        ...batch,
        records: batch.records.map((record) =>
          record.kind === 'damaged'
            ? record
            : { ...record, entry: withoutErased(record.entry, { isSought, rules }) },
        ),
      }))
    },
  }
}

async function readTombstones(
  { engine, store }: { engine: SqlEngine; store: ObjectStore },
  table: DeltaTable,
): Promise<Tombstone[]> {
  const rows = await withLeases(store, async (objects) => {
    const notes = await bronzeSelect(
      objects,
      table,
      ({ partitionValues }) => partitionValues['outcome'] === 'note',
    )
    return engine.rows(`SELECT detail FROM (${notes}) WHERE reason = '${SUBJECT_ERASED}'`)
  })
  return rows.flatMap(({ detail }) => tombstoneOf(String(detail)))
}

function tombstoneIn(record: PartitionBatch['records'][number]): Tombstone[] {
  if (record.kind !== 'entry' || record.entry.kind !== 'note') return []
  return record.entry.reason === SUBJECT_ERASED ? tombstoneOf(record.entry.detail) : []
}

function tombstoneOf(detail: string): Tombstone[] {
  const value = parseJson(detail) as { kind?: unknown; digest?: unknown } | undefined
  const isKind = (kind: unknown): kind is SubjectKind => subjectKinds.some((one) => one === kind)
  if (!isKind(value?.kind) || typeof value.digest !== 'string') return []
  return [{ kind: value.kind, digest: value.digest }]
}

interface Sought {
  readonly isSought: IsSought
  readonly rules: MaskingRules
}

function withoutErased(entry: Entry, sought: Sought): Entry {
  if (entry.kind === 'note') return entry
  if (entry.kind === 'unreadable') return namesAnyIn(entry.body, sought) ? noBody(entry) : entry
  const { envelope } = entry
  const { topic, conversationId } = envelope
  const normal = sought.rules.policy.normal
  const isNamed = (text: string | null) => text !== null && namesAny(text, sought.isSought, normal)
  const hidden: Envelope = {
    ...envelope,
    ...(isNamed(topic) && { topic: schemaTopic({ ...envelope, topic }) }),
    ...(isNamed(conversationId) && { conversationId: null }),
  }
  if (!namesAnyIn(envelope.body, sought)) return { ...entry, envelope: hidden }
  const body = redactedBody(sought, envelope.body, envelope)
  return { ...entry, envelope: { ...hidden, ...hashed(body) } }
}

function namesAnyIn(bytes: Uint8Array, sought: Sought): boolean {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8')
  return names(sought, text)
}

function noBody<Kept extends Entry>(entry: Kept): Kept {
  return { ...entry, ...hashed(Buffer.alloc(0)) }
}

function hashed(body: Buffer) {
  return { body, bodySha256: hash('sha256', body, 'buffer') }
}
