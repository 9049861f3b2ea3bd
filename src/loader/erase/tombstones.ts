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
import type { Entry, JournalRecord } from '../../journal/entry.ts'
import { type KeptRecord, openEntryKeeper } from '../../journal/kept-record.ts'
import type { DeltaTable } from '../../lake/delta/delta-table.ts'
import type { SqlEngine } from '../../lake/sql/duckdb.ts'
import type { ObjectStore } from '../../lake/store/object-store.ts'
import { withLeases } from '../../lake/store/with-leases.ts'
import type { PrivacyKey } from '../../privacy/key.ts'
import {
  type IsSought,
  mentions,
  type SubjectKind,
  seeksErased,
  subjectKinds,
  type Tombstone,
} from '../../privacy/subject.ts'
import { schemaTopic } from '../../schemas/topic.ts'
import type { Arrival } from '../../tables/arrivals.ts'
import type { MaskingRules } from '../body-mask.ts'
import { bronzeSelect } from '../bronze-files.ts'
import { type PartitionBatch, placeName } from '../places.ts'
import { erasedDetail, isNamedBy, names, redactedBody } from './seek.ts'

/** The reason of the note. */
export const SUBJECT_ERASED = 'subject_erased'

export interface Erasure {
  /** Learns of everybody whom the table tells of. */
  load(table: DeltaTable): Promise<void>
  apply(batches: readonly PartitionBatch[]): WithoutErased
  /** Whether a text, such as an id or an address, names somebody of whom it has learned. */
  names(text: string): boolean
}

export interface WithoutErased {
  readonly batches: readonly PartitionBatch[]
  /** The places (`placeName`) of what was somebody's who is erased. */
  readonly erased: ReadonlySet<string>
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
    names: (text) => isNamedBy({ isSought, rules }, text),
    apply(batches) {
      learn(batches.flatMap(({ records }) => records.flatMap(tombstoneIn)))
      const erased = new Set<string>()
      if (tombstones.length === 0) return { batches, erased }
      const keeper = openEntryKeeper()
      const keep = (batch: PartitionBatch) => (record: JournalRecord) => {
        const without = withoutErased(record, { isSought, rules, keep: keeper })
        if (without !== record) erased.add(placeName({ ...batch, position: record.position }))
        return without
      }
      const kept = batches.map((one) => ({ ...one, records: one.records.map(keep(one)) }))
      return { batches: kept, erased }
    },
  }
}

/**
 * Whether a JSON text names somebody of whom the table tells that they were erased. Agents are not
 * looked for: what they worked at stays, without them.
 */
export async function customersErased(
  deps: { readonly engine: SqlEngine; readonly store: ObjectStore },
  table: DeltaTable,
  { keys, policy }: Pick<ErasureRules, 'keys' | 'policy'>,
): Promise<(text: string) => boolean> {
  const tombstones = (await readTombstones(deps, table)).filter(({ kind }) => kind !== 'user')
  if (tombstones.length === 0) return () => false
  const isSought = seeksErased(tombstones, keys)
  return (text) => mentions(text, isSought, policy.normal)
}

/** Rows say that they were erased, so that they are counted, and silver knows. */
export function erasedRows(rows: Arrival[], erased: ReadonlySet<string>): Arrival[] {
  if (erased.size === 0) return rows
  return rows.map((row) => {
    const { journalId, journalPartition: partition, position, outcome, detail } = row
    const isErased = erased.has(placeName({ journalId, partition, position }))
    return isErased ? { ...row, detail: erasedDetail(outcome, detail) } : row
  })
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
  if (record.kind !== 'entry' || record.entryKind !== 'note') return []
  const { entry } = record
  if (entry.kind !== 'note' || entry.reason !== SUBJECT_ERASED) return []
  return tombstoneOf(entry.detail)
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
  readonly keep: (position: number, entry: Entry) => KeptRecord
}

/** The record itself where it names nobody. */
function withoutErased(record: JournalRecord, sought: Sought): JournalRecord {
  if (record.kind === 'damaged')
    return namesAnyIn(record.bytes, sought) ? { ...record, bytes: Buffer.alloc(0) } : record
  const { entry } = record
  const without = withoutNamesIn(entry, sought)
  return without === entry ? record : sought.keep(record.position, without)
}

function withoutNamesIn(entry: Entry, sought: Sought): Entry {
  if (entry.kind === 'note') return entry
  if (entry.kind === 'unreadable') {
    const headers = withoutNamed(entry.headers, sought)
    if (namesAnyIn(entry.body, sought)) return { ...noBody(entry), headers }
    return headers === entry.headers ? entry : { ...entry, headers }
  }
  const { envelope } = entry
  const hidden = withoutNames(envelope, sought)
  if (!namesAnyIn(envelope.body, sought))
    return hidden === envelope ? entry : { ...entry, envelope: hidden }
  const body = redactedBody(sought, envelope.body, envelope)
  return { ...entry, envelope: { ...hidden, ...hashed(body) } }
}

/** What stands beside the body; the envelope itself where that names nobody. */
function withoutNames(envelope: Envelope, sought: Sought): Envelope {
  const { topic, conversationId } = envelope
  const isNamed = (text: string | null) => text !== null && isNamedBy(sought, text)
  const headers = withoutNamed(envelope.headers, sought)
  if (!isNamed(topic) && !isNamed(conversationId) && headers === envelope.headers) return envelope
  return {
    ...envelope,
    headers,
    topic: isNamed(topic) ? schemaTopic({ ...envelope, topic }) : topic,
    conversationId: isNamed(conversationId) ? null : conversationId,
  }
}

function withoutNamed(headers: string, sought: Sought): string {
  return names(sought, headers) ? '{}' : headers
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
