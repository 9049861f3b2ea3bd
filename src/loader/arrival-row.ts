/** Rows of `bronze.arrivals` from journal records and what was decided about them. Pure. */
import { hash } from 'node:crypto'
import { emptySlice } from '../core/slice.ts'
import type { Envelope } from '../event/envelope.ts'
import type {
  DamagedRecord,
  JournalRecord,
  NoteEntry,
  StoredEntry,
  UnreadableEntry,
} from '../journal/entry.ts'
import type { Arrival } from '../tables/arrivals.ts'
import { isCandidate } from './candidates.ts'
import { ownEvent, type Verdict } from './decide.ts'
import { KeptArrival } from './kept-arrival.ts'
import type { EventPlace, PartitionBatch } from './places.ts'

/** The reasons of a record that could not be read, and of positions that were given up. */
export const DAMAGED = 'damaged'
export const GAP_ACCEPTED = 'gap_accepted'

export interface Verdicts {
  /** Of the candidates among the records, in their order. */
  readonly verdicts: readonly Verdict[]
  /** Whether rows may stand for what the journal stored, instead of being objects of their own. */
  readonly asStored: boolean
  readonly now: number
}

/** A row for each record of the batches, in their order. */
export function arrivalRows(
  batches: readonly PartitionBatch[],
  { verdicts, asStored, now }: Verdicts,
): Arrival[] {
  const rows: Arrival[] = []
  let next = 0
  for (const { journalId, partition, records } of batches) {
    const journal = { journalId, partition }
    for (const record of records) {
      const verdict = isCandidate(record) ? verdicts[next++] : undefined
      if (verdict === ownEvent && asStored && record.kind === 'entry' && hasBody(record))
        rows.push(new KeptArrival(record, journal))
      else rows.push(rowOf(record, { verdict, now, ...journal, position: record.position }))
    }
  }
  return rows
}

function hasBody(record: StoredEntry): boolean {
  record.find('body', slice)
  return slice.to > slice.from
}

const slice = emptySlice()

function rowOf(
  record: JournalRecord,
  context: EventPlace & { verdict: Verdict | undefined; now: number },
): Arrival {
  const { verdict, now, ...place } = context
  if (record.kind === 'damaged') return damagedRow(record, place, now)
  const { entry } = record
  if (entry.kind === 'note') return noteRow(entry, place)
  if (entry.kind === 'unreadable') return unreadableRow(entry, place)
  if (verdict !== undefined) return identifiedRow(entry.envelope, verdict, place)
  throw new TypeError(`the ${entry.kind} at position ${record.position} was not decided`)
}

function identifiedRow(envelope: Envelope, verdict: Verdict, place: EventPlace): Arrival {
  const isDuplicate = verdict.outcome === 'duplicate'
  const bodyIsKept = envelope.body.length > 0 && !(isDuplicate && verdict.sameBytes)
  return {
    outcome: verdict.outcome,
    eventId: (verdict.outcome === 'dead_letter' ? null : verdict.eventId) ?? envelope.eventId,
    orgId: envelope.orgId,
    source: envelope.source,
    dialect: envelope.dialect,
    topic: envelope.topic,
    eventType: envelope.eventType,
    eventTime: envelope.eventTime ?? envelope.receivedAt,
    eventTimeSource: envelope.eventTimeSource,
    receivedAt: envelope.receivedAt,
    conversationId: envelope.conversationId,
    sender: envelope.sender,
    headers: envelope.headers,
    body: bodyIsKept ? envelope.body : null,
    bodySha256: envelope.bodySha256,
    reason: reasonOf(verdict),
    detail: detailOf(verdict, place),
    firstPosition: isDuplicate ? verdict.first.position : null,
    ...journalColumns(place),
  }
}

function reasonOf(verdict: Verdict): string | null {
  if (verdict.outcome === 'duplicate') return verdict.sameBytes ? 'same_bytes' : 'same_content'
  return verdict.reason
}

/** Where the first one stands; the journal is named only when it is another one. */
function detailOf(verdict: Verdict, place: EventPlace): string | null {
  if (verdict.outcome === 'dead_letter') return verdict.detail
  if (verdict.outcome === 'event') return null
  const { partition, journalId } = verdict.first
  return journalId === place.journalId
    ? `{"first_partition":"${partition}"}`
    : `{"first_partition":"${partition}","first_journal_id":"${journalId}"}`
}

/** When it was received stood in what is damaged: the time of landing files it. */
function damagedRow(record: DamagedRecord, place: EventPlace, now: number): Arrival {
  const { bytes, detail } = record
  const isKept = bytes.length > 0
  return {
    ...emptyRow(place),
    outcome: 'dead_letter',
    receivedAt: now,
    body: isKept ? bytes : null,
    bodySha256: isKept ? hash('sha256', bytes, 'buffer') : null,
    reason: DAMAGED,
    detail,
  }
}

export function noteRow(note: NoteEntry, place: EventPlace): Arrival {
  const { source, receivedAt, reason, detail } = note
  return { ...emptyRow(place), outcome: 'note', source: source || null, receivedAt, reason, detail }
}

function unreadableRow(entry: UnreadableEntry, place: EventPlace): Arrival {
  const { source, sender, headers, receivedAt, reason, detail, body, bodySha256 } = entry
  const kept = { source, sender, headers, receivedAt, reason, detail, body, bodySha256 }
  return { ...emptyRow(place), outcome: 'dead_letter', ...kept }
}

function emptyRow(place: EventPlace): Omit<Arrival, 'outcome' | 'receivedAt'> {
  return {
    eventId: null,
    orgId: null,
    source: null,
    dialect: null,
    topic: null,
    eventType: null,
    eventTime: null,
    eventTimeSource: null,
    conversationId: null,
    sender: null,
    headers: null,
    body: null,
    bodySha256: null,
    reason: null,
    detail: null,
    firstPosition: null,
    ...journalColumns(place),
  }
}

function journalColumns({ journalId, partition, position }: EventPlace) {
  return { journalId, journalPartition: partition, position }
}
