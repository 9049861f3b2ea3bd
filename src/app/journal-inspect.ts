/** What stands in the journal, for people: segments and records, damage and gaps included. */
import { hasCode } from '../core/errors.ts'
import type { Entry, JournalRecord } from '../journal/entry.ts'
import type { JournalReader } from '../journal/journal.ts'
import { listSegments } from '../journal/segment/layout.ts'
import type { Machine } from './machine.ts'

export interface PartitionView {
  readonly partition: string
  readonly journalId: string
  readonly first: number
  readonly end: number
  readonly bytes: number
  readonly segments: readonly {
    readonly file: string
    readonly first: number
    readonly bytes: number
  }[]
  readonly records: readonly RecordView[]
}

export interface RecordView {
  readonly position: number
  readonly kind: 'event' | 'repeat' | 'unreadable' | 'note' | 'damaged' | 'gap'
  /** ISO 8601; null where it is not known. */
  readonly receivedAt: string | null
  readonly source: string | null
  readonly eventType: string | null
  readonly eventId: string | null
  readonly conversationId: string | null
  readonly bytes: number
  /** What there is to say beyond that: the reason, the note, the damage. */
  readonly detail: string | null
  /** Only where bodies were asked for. */
  readonly body?: string
}

export interface InspectOptions {
  readonly dir: string
  /** Null for the first position still held. */
  readonly from: number | null
  readonly limit: number
  readonly bodies: boolean
}

const chunk = { records: 1000, bytes: 4 * 2 ** 20 }

export async function inspectPartition(
  { files }: Machine,
  reader: JournalReader,
  options: InspectOptions,
): Promise<PartitionView> {
  const { partition, journalId } = reader
  const bounds = await reader.bounds()
  const folder = `${options.dir}/${partition}`
  const segments = []
  for (const { path, first } of await listSegments(files, folder)) {
    const bytes = (await files.stat(path))?.size ?? 0
    segments.push({ file: path.slice(folder.length + 1), first, bytes })
  }
  const records: RecordView[] = []
  const range = { from: options.from ?? bounds.first, end: bounds.end }
  for await (const record of recordsOf(reader, range)) {
    if (records.length >= options.limit) break
    records.push('kind' in record ? viewOf(record, options.bodies) : gapView(record))
  }
  return { partition, journalId, ...bounds, segments, records }
}

/** Positions that the journal should hold and does not. */
export interface Gap {
  readonly from: number
  readonly to: number
}

/** Everything in a range of positions, in order; a gap is told and passed. */
export async function* recordsOf(
  reader: JournalReader,
  range: { from: number; end: number },
): AsyncGenerator<JournalRecord | Gap> {
  for (let position = range.from; position < range.end; ) {
    const read = await readOrGap(reader, position)
    if ('to' in read) {
      yield read
      position = read.to + 1
      continue
    }
    for (const record of read.records) if (record.position < range.end) yield record
    position = (read.records.at(-1)?.position ?? range.end) + 1
  }
}

async function readOrGap(
  reader: JournalReader,
  position: number,
): Promise<{ records: JournalRecord[] } | Gap> {
  try {
    return { records: await reader.read(position, chunk) }
  } catch (error) {
    if (!hasCode(error, 'INL_JRN_GAP')) throw error
    const from = Number(error.details['from'])
    if (from <= position) return { from: position, to: Number(error.details['to']) }
    return { records: await reader.read(position, { ...chunk, records: from - position }) }
  }
}

function gapView({ from, to }: Gap): RecordView {
  const detail = `positions ${from} to ${to} are gone`
  return { ...nothing, position: from, kind: 'gap', bytes: 0, detail }
}

const nothing = {
  receivedAt: null,
  source: null,
  eventType: null,
  eventId: null,
  conversationId: null,
}

export function viewOf(record: JournalRecord, bodies: boolean): RecordView {
  const { position } = record
  if (record.kind === 'damaged') {
    const { detail, bytes } = record
    return { ...nothing, position, kind: 'damaged', bytes: bytes.length, detail }
  }
  const { entry } = record
  return { position, kind: entry.kind, ...entryView(entry), ...(bodies && bodyOf(entry)) }
}

function entryView(entry: Entry): Omit<RecordView, 'position' | 'kind'> {
  if (entry.kind === 'note' || entry.kind === 'unreadable') {
    const { source, receivedAt, reason, detail } = entry
    const bytes = entry.kind === 'note' ? 0 : entry.body.length
    const words = `${reason}: ${detail}`
    return { ...nothing, source, receivedAt: iso(receivedAt), bytes, detail: words }
  }
  const { source, receivedAt, eventType, eventId, conversationId, body } = entry.envelope
  const detail = entry.kind === 'repeat' ? `repeats position ${entry.firstPosition}` : null
  const bytes = body.length
  return { source, receivedAt: iso(receivedAt), eventType, eventId, conversationId, bytes, detail }
}

function bodyOf(entry: Entry): { body: string } | false {
  if (entry.kind === 'note' || entry.kind === 'repeat') return false
  const body = entry.kind === 'event' ? entry.envelope.body : entry.body
  return { body: Buffer.from(body).toString('utf8') }
}

function iso(ms: number): string {
  return new Date(ms).toISOString()
}
