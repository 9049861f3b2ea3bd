import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { emptySlice } from '../../../src/core/slice.ts'
import type { Entry, StoredEntry } from '../../../src/journal/entry.ts'
import { openEntryKeeper } from '../../../src/journal/kept-record.ts'
import type { SlicedField } from '../../../src/tables/arrivals.ts'
import { eventEntry } from '../../support/entries.ts'

const text = fc.string({ unit: 'binary', maxLength: 20 }).map((one) => one.toWellFormed())
const time = fc.integer({ min: -8.64e15, max: 8.64e15 })
const bytes = fc.uint8Array({ maxLength: 40 }).map((one) => Buffer.from(one))
const digest = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((one) => Buffer.from(one))
const received = {
  source: text,
  sender: text,
  headers: text,
  receivedAt: time,
  body: bytes,
  bodySha256: digest,
}
const plain = { noNullPrototype: true }
const envelope = fc.record(
  {
    ...received,
    dialect: fc.constantFrom('generic', 'unknown', 'eventbridge'),
    eventId: text,
    timeless: fc.boolean(),
    orgId: fc.option(text),
    topic: fc.option(text),
    eventType: text,
    eventTime: fc.option(time),
    eventTimeSource: text,
    conversationId: fc.option(text),
  },
  plain,
)
const said = { reason: text, detail: text }
const entry: fc.Arbitrary<Entry> = fc.oneof(
  fc.record({ kind: fc.constant('event'), envelope }, plain),
  fc.record(
    {
      kind: fc.constant('repeat'),
      envelope: envelope.map((one) => ({ ...one, body: Buffer.alloc(0) })),
      firstPosition: fc.maxSafeNat(),
    },
    plain,
  ),
  fc.record({ kind: fc.constant('unreadable'), ...received, ...said }, plain),
  fc.record({ kind: fc.constant('note'), source: text, receivedAt: time, ...said }, plain),
)

function found(record: StoredEntry, field: SlicedField): Buffer | null {
  const slice = emptySlice()
  return record.find(field, slice) ? slice.bytes.subarray(slice.from, slice.to) : null
}

/** What a record says without its entry, as the entry would say it. */
function told(record: StoredEntry) {
  const { entryKind, receivedAt, eventTime, timeless, attributes } = record
  const textOf = (field: SlicedField) => found(record, field)?.toString() ?? null
  return {
    kind: entryKind,
    envelope: {
      ...attributes,
      receivedAt,
      eventTime,
      timeless,
      eventId: textOf('eventId'),
      topic: textOf('topic'),
      conversationId: textOf('conversationId'),
      body: found(record, 'body'),
      bodySha256: found(record, 'bodySha256'),
    },
  }
}

test('a record gives its entry back, and says of an event the same without it', () => {
  fc.assert(
    fc.property(fc.array(entry, { minLength: 1, maxLength: 20 }), (entries) => {
      const keep = openEntryKeeper()
      const records = entries.map((one, position) => keep(position, one))
      for (const [position, one] of entries.entries()) {
        const record = records[position]
        assert.ok(record)
        assert.deepEqual(record.entry, one)
        assert.equal(record.position, position)
        assert.equal(record.entryKind, one.kind)
        if (one.kind !== 'event' && one.kind !== 'repeat') continue
        assert.deepEqual(told(record), { kind: one.kind, envelope: one.envelope })
      }
    }),
  )
})

test('however many records are kept, each says its own', () => {
  const keep = openEntryKeeper()
  const entries = Array.from({ length: 3000 }, (_, n) => eventEntry(n))
  const records = entries.map((one, position) => keep(position, one))
  for (const [position, record] of records.entries())
    assert.deepEqual(told(record), entries[position])
})

test('attributes of which a letter differs are told apart, those alike are the same', () => {
  const { envelope } = eventEntry(0)
  const keep = openEntryKeeper()
  const ofSender = (sender: string) =>
    keep(0, { kind: 'event', envelope: { ...envelope, sender } }).attributes
  const letters = [...'abcdefghijklmnop']
  const senders = letters.map((_, at) => letters.map((one, n) => (n === at ? 'é' : one)).join(''))
  const first = senders.map(ofSender)
  assert.deepEqual(
    first.map(({ sender }) => sender),
    senders,
  )
  for (const [n, sender] of senders.entries()) assert.equal(ofSender(sender), first[n])
})
