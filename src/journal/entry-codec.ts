/**
 * Journal entries as bytes: the payload of a record, the same in every journal driver.
 *
 *   0  1  kind: 1 event, 2 repeat, 3 unreadable, 4 note
 *   1  1  flags: bit 0 the identity is timeless
 *   2  2  zero
 *   4  8  received at, ms (float)
 *  12  8  event time, ms (float); NaN for none
 *  20  8  first position (float); NaN for none
 *  28 32  SHA-256 of the body; zeros for a note
 *  60 16  lengths of the attributes, the id, the topic and the conversation id
 *  76     the four texts, UTF-8, then the body up to the end
 *
 * The attributes are what neighbouring entries share (source, sender, headers, dialect, type ...),
 * as the text of a JSON array: readers parse a given text once and share the result. Length
 * 0xffffffff stands for null. For an unreadable entry the id is the reason and the topic the
 * detail; for a note too.
 */
import { emptySlice, type Slice } from '../core/slice.ts'
import { SliceCache } from '../core/slice-cache.ts'
import type { Dialect, Envelope } from '../event/envelope.ts'
import type { SlicedField } from '../tables/arrivals.ts'
import type { Attributes, Entry, NoteEntry, UnreadableEntry } from './entry.ts'
import { EntryFacts, HEADER_BYTES, NULL_LENGTH, type Payload, TIMELESS } from './entry-facts.ts'

const kinds = { event: 1, repeat: 2, unreadable: 3, note: 4 } as const
const noBytes = new Uint8Array(0)
const noDigest = new Uint8Array(32)

/** An entry on its way to the journal: fixed fields, four texts, a body. */
export interface EncodedEntry {
  readonly kind: number
  readonly flags: number
  readonly receivedAt: number
  readonly eventTime: number
  readonly firstPosition: number
  readonly sha256: Uint8Array
  readonly attributes: Uint8Array
  /** Id, topic, conversation id. */
  readonly texts: readonly [string | null, string | null, string | null]
  readonly body: Uint8Array
}

/** An upper bound of the payload's size in bytes. */
export function payloadBound(encoded: EncodedEntry): number {
  let size = HEADER_BYTES + encoded.attributes.length + encoded.body.length
  for (const text of encoded.texts) size += 3 * (text?.length ?? 0)
  return size
}

/**
 * Writes the payload at `at`; returns the offset behind it. There must be room for `payloadBound`.
 */
export function writePayload(into: Buffer, at: number, encoded: EncodedEntry): number {
  fields.setUint32(0, encoded.kind | (encoded.flags << 8), true)
  fields.setFloat64(4, encoded.receivedAt, true)
  fields.setFloat64(12, encoded.eventTime, true)
  fields.setFloat64(20, encoded.firstPosition, true)
  header.set(encoded.sha256, 28)
  fields.setUint32(60, encoded.attributes.length, true)
  into.set(encoded.attributes, at + HEADER_BYTES)
  let end = at + HEADER_BYTES + encoded.attributes.length
  for (let index = 0; index < 3; index++) {
    const text = encoded.texts[index] ?? null
    const length = text === null ? NULL_LENGTH : into.write(text, end, 'utf8')
    fields.setUint32(64 + 4 * index, length, true)
    if (text !== null) end += length
  }
  into.set(header, at)
  into.set(encoded.body, end)
  return end + encoded.body.length
}

/** The header in hand. Each number that is written into a Buffer costs ten times as much. */
const header = new Uint8Array(HEADER_BYTES)
const fields = new DataView(header.buffer)

/** Makes entries ready to be written. One serves a partition: it remembers attributes as bytes. */
export interface EntryEncoder {
  encode(entry: Entry): EncodedEntry
}

export function openEntryEncoder(): EntryEncoder {
  const remembered = new Map<string, RememberedAttributes>()
  const attributesOf = (envelope: Envelope): Uint8Array => {
    const known = remembered.get(envelope.eventType)
    if (known !== undefined && sameAttributes(known.of, envelope)) return known.bytes
    const bytes = Buffer.from(attributesText(envelope))
    // Types are from a closed catalogue: there are some hundreds.
    remembered.set(envelope.eventType, { of: attributesOnly(envelope), bytes })
    return bytes
  }
  return {
    encode(entry) {
      if (entry.kind === 'note' || entry.kind === 'unreadable') return withoutEnvelope(entry)
      const { envelope } = entry
      const isRepeat = entry.kind === 'repeat'
      return {
        kind: kinds[entry.kind],
        flags: envelope.timeless ? TIMELESS : 0,
        receivedAt: envelope.receivedAt,
        eventTime: envelope.eventTime ?? Number.NaN,
        firstPosition: isRepeat ? entry.firstPosition : Number.NaN,
        sha256: envelope.bodySha256,
        attributes: attributesOf(envelope),
        texts: [envelope.eventId, envelope.topic, envelope.conversationId],
        body: isRepeat ? noBytes : envelope.body,
      }
    },
  }
}

type AttributeNames =
  | 'source'
  | 'sender'
  | 'headers'
  | 'dialect'
  | 'eventType'
  | 'eventTimeSource'
  | 'orgId'

interface RememberedAttributes {
  readonly of: Pick<Envelope, AttributeNames>
  readonly bytes: Uint8Array
}

/** Without the body, which would be held as long as the attributes. */
function attributesOnly(envelope: Envelope): Pick<Envelope, AttributeNames> {
  const { source, sender, headers, dialect, eventType, eventTimeSource, orgId } = envelope
  return { source, sender, headers, dialect, eventType, eventTimeSource, orgId }
}

function sameAttributes(
  a: Pick<Envelope, AttributeNames>,
  b: Pick<Envelope, AttributeNames>,
): boolean {
  return (
    a.source === b.source &&
    a.sender === b.sender &&
    a.headers === b.headers &&
    a.dialect === b.dialect &&
    a.eventType === b.eventType &&
    a.eventTimeSource === b.eventTimeSource &&
    a.orgId === b.orgId
  )
}

function attributesText(envelope: Pick<Envelope, AttributeNames>): string {
  const { source, sender, headers, dialect, eventType, eventTimeSource, orgId } = envelope
  return JSON.stringify([source, sender, headers, dialect, eventType, eventTimeSource, orgId])
}

function withoutEnvelope(entry: NoteEntry | UnreadableEntry): EncodedEntry {
  const unreadable = entry.kind === 'unreadable'
  const attributes = unreadable ? [entry.source, entry.sender, entry.headers] : [entry.source]
  return {
    kind: kinds[entry.kind],
    flags: 0,
    receivedAt: entry.receivedAt,
    eventTime: Number.NaN,
    firstPosition: Number.NaN,
    sha256: unreadable ? entry.bodySha256 : noDigest,
    attributes: Buffer.from(JSON.stringify(attributes)),
    texts: [entry.reason, entry.detail, null],
    body: unreadable ? entry.body : noBytes,
  }
}

/** Finds the attributes of payloads. One serves one partition: it remembers those it has met. */
export type AttributesReader = (payload: Payload) => Attributes

export function openAttributesReader(): AttributesReader {
  const known = new SliceCache<Attributes>()
  const slice = emptySlice()
  return ({ bytes, from }) => {
    slice.bytes = bytes
    slice.from = from + HEADER_BYTES
    slice.to = slice.from + bytes.readUInt32LE(from + 60)
    const found = known.get(slice)
    if (found !== undefined) return found
    const attributes = attributesOf(bytes.toString('utf8', slice.from, slice.to))
    known.set(slice, attributes)
    return attributes
  }
}

function attributesOf(text: string): Attributes {
  const [source, sender, headers, dialect, eventType, eventTimeSource, orgId] = JSON.parse(
    text || '[]',
  ) as (string | null)[]
  return {
    source: source ?? '',
    sender: sender ?? '',
    headers: headers ?? '',
    dialect: (dialect ?? 'unknown') as Dialect,
    eventType: eventType ?? 'other',
    eventTimeSource: eventTimeSource ?? 'received_at',
    orgId: orgId ?? null,
  }
}

/**
 * The entry of a payload; bodies are views of it. Throws when the bytes are no payload of this
 * format, which a valid CRC rules out.
 */
export function readPayload(payload: Payload, attributes: Attributes): Entry {
  const { bytes, from } = payload
  const facts = new EntryFacts(1)
  facts.add(payload)
  const slice: Slice = { bytes, from, to: from }
  const text = (field: SlicedField) =>
    facts.find(0, payload, { field, slice }) ? bytes.toString('utf8', slice.from, slice.to) : null
  const { source, sender, headers, ...shared } = attributes
  const receivedAt = facts.receivedAt(0)
  const kind = facts.kind(0)
  const [id, topic] = [text('eventId') ?? '', text('topic')]
  if (kind === 'note') {
    return { kind, source, receivedAt, reason: id, detail: topic ?? '' }
  }
  facts.find(0, payload, { field: 'body', slice })
  const received = {
    source,
    sender,
    headers,
    receivedAt,
    body: bytes.subarray(slice.from, slice.to),
    bodySha256: bytes.subarray(from + 28, from + 60),
  }
  if (kind === 'unreadable') return { kind, ...received, reason: id, detail: topic ?? '' }
  const envelope: Envelope = {
    ...received,
    ...shared,
    eventId: id,
    timeless: facts.isTimeless(0),
    topic,
    eventTime: facts.eventTime(0),
    conversationId: text('conversationId'),
  }
  if (kind === 'event') return { kind, envelope }
  if (kind === 'repeat') return { kind, envelope, firstPosition: bytes.readDoubleLE(from + 20) }
  throw new TypeError(`journal entry of unknown kind ${bytes[from]}`)
}
