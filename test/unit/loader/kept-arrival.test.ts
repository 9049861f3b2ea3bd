import assert from 'node:assert/strict'
import { hash } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import { openEntryKeeper } from '../../../src/journal/kept-record.ts'
import { arrivalRows } from '../../../src/loader/arrival-row.ts'
import { ownEvent } from '../../../src/loader/decide.ts'
import { KeptArrival } from '../../../src/loader/kept-arrival.ts'
import { eventEntry } from '../../support/entries.ts'
import { openTestLake } from '../../support/lake.ts'

const unit = fc.oneof(
  fc.constantFrom('\0', '\ud800', '\udc00', '😀', "'", '"', '\n'),
  fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)),
)
const text = fc.string({ unit, maxLength: 8 })
const time = fc.integer({ min: -62_135_596_800_000, max: 253_402_300_799_999 })
const bytes = fc.oneof(fc.uint8Array({ maxLength: 40 }), text)
const fields = fc.record({
  dialect: fc.constantFrom('generic', 'unknown', 'eventbridge'),
  eventId: text,
  timeless: fc.boolean(),
  orgId: fc.option(text),
  topic: fc.option(text),
  eventType: fc.constantFrom('call.event', 'other'),
  eventTime: fc.option(time),
  conversationId: fc.option(text),
  receivedAt: time,
  body: bytes.map((one) => Buffer.from(one)),
})

test('events land as their records say, whether or not rows are made of objects', async () => {
  const lake = await openTestLake()
  try {
    let next = 0
    const property = fc.asyncProperty(fc.array(fields, { minLength: 1 }), async (drawn) => {
      const keep = openEntryKeeper()
      const { envelope } = eventEntry(0)
      const records = drawn.map((one) => {
        const bodySha256 = hash('sha256', one.body, 'buffer')
        return keep(next++, { kind: 'event', envelope: { ...envelope, ...one, bodySha256 } })
      })
      const rowsOf = (journalId: string, asStored: boolean) =>
        arrivalRows([{ journalId, partition: 'p', from: 0, to: next, records }], {
          verdicts: records.map(() => ownEvent),
          asStored,
          now: 0,
        })
      const stored = rowsOf('stored', true)
      assert.deepEqual(
        stored.map((row) => row instanceof KeptArrival),
        drawn.map(({ body }) => body.length > 0),
      )
      await lake.load([...stored, ...rowsOf('made', false)])
    })
    await fc.assert(property, { numRuns: 20, endOnFailure: true })
    const rowsFrom = async (journal: string) => {
      const { rows } = await lake.query(`SELECT * EXCLUDE (journal_id) FROM bronze.arrivals
        WHERE journal_id = '${journal}' ORDER BY position`)
      return rows
    }
    const rows = await rowsFrom('stored')
    assert.equal(rows.length, next)
    assert.deepEqual(rows, await rowsFrom('made'))
  } finally {
    await lake.dispose()
  }
})
