/** What comes in beside the door is judged as at the door, and is in the books. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hasCode } from '../../../src/core/errors.ts'
import { Reentry, type Returning, type SourceRules } from '../../../src/ingress/reentry.ts'
import type { Entry } from '../../../src/journal/entry.ts'
import { createMemoryJournal } from '../../../src/journal/memory-journal.ts'
import { movableClock } from '../../support/clock.ts'

const wantsAll = {
  eventTypes: [],
  interactionTypes: [],
  queues: [],
  states: [],
  directions: [],
  exclude: [],
}
const one: SourceRules = {
  name: 'one',
  orgId: 'org-1',
  dedupGroup: null,
  recognise: { eventTypes: new Set() },
  accept: { ...wantsAll, exclude: [{ field: 'data.internal', equals: true }] },
}
const firstCame = Date.UTC(2025, 5, 1)

function setUp() {
  const memory = createMemoryJournal({ journalId: 'j', partition: 'replay' })
  const clock = movableClock()
  const deps = { journal: memory.openWriter(), clock, observer: () => undefined }
  const reentry = new Reentry(deps, [one])
  const take = (body: string, change: Partial<Returning> = {}) =>
    reentry.take({
      source: 'one',
      sender: 'hmac:one',
      headers: '{"a":"b"}',
      body: Buffer.from(body),
      receivedAt: firstCame,
      ...change,
    })
  const entries = async (): Promise<Entry[]> => {
    const records = await memory.openReader().read(0, { records: 100, bytes: 1e6 })
    return records.flatMap((record) => (record.kind === 'entry' ? [record.entry] : []))
  }
  return { reentry, take, entries, clock }
}

const event = (id: string, data = {}) => JSON.stringify({ notificationId: id, data })

test('an event keeps who sent it, with which headers, and when it first came', async () => {
  const { take, entries } = setUp()
  await take(event('a'))
  const [entry] = await entries()
  assert.ok(entry?.kind === 'event')
  const { source, sender, headers, receivedAt, orgId, eventId } = entry.envelope
  assert.deepEqual(
    [source, sender, headers, receivedAt, orgId, eventId],
    ['one', 'hmac:one', '{"a":"b"}', firstCame, 'org-1', 'a'],
  )
})

test('the rules of today hold: batches are cut, filters count, the foreign stays out', async () => {
  const { take, entries } = setUp()
  const foreign = JSON.stringify({ topicName: 'v2.x', eventBody: { organizationId: 'org-2' } })
  const receipt = await take(`[${event('a')},${event('b', { internal: true })},${foreign},7]`)
  const { stored, quarantined, filtered } = receipt
  assert.deepEqual({ stored, quarantined, filtered }, { stored: 1, quarantined: 2, filtered: 1 })
  const reasons = (await entries()).map((entry) =>
    entry.kind === 'unreadable' ? entry.reason : '',
  )
  assert.deepEqual(reasons, ['', 'other_org', 'not_an_object'])
})

test('what a source posts is read as its source posts it', async () => {
  const { take, entries } = setUp()
  const data = Buffer.from(event('a')).toString('base64')
  const body = JSON.stringify({ requestId: 'r', timestamp: 1, records: [{ data }] })
  const headers = '{"x-amz-firehose-request-id":"r"}'
  assert.equal((await take(body, { headers, form: 'request' })).stored, 1)
  const [entry] = await entries()
  assert.ok(entry?.kind === 'event')
  assert.equal(entry.envelope.eventId, 'a')
})

test('so is one record of such a request', async () => {
  const { take, entries } = setUp()
  const data = Buffer.from(event('a')).toString('base64')
  assert.equal((await take(`{"data":"${data}"}`, { form: 'firehose-record' })).stored, 1)
  assert.equal((await take('{"data":7}', { form: 'firehose-record' })).quarantined, 1)
  const kept = (await entries()).map((entry) => {
    if (entry.kind === 'event') return entry.envelope.eventId
    return entry.kind === 'unreadable' && `${entry.reason} ${Buffer.from(entry.body)}`
  })
  assert.deepEqual(kept, ['a', 'invalid_record {"data":7}'])
})

test('what is kept may be told more of', async () => {
  const { take, entries } = setUp()
  const keepAs = (entry: Entry) =>
    entry.kind === 'unreadable' ? { ...entry, detail: `again: ${entry.detail}` } : entry
  await take('no event', { keepAs })
  const [entry] = await entries()
  assert.ok(entry?.kind === 'unreadable')
  assert.equal(entry.detail, 'again: the text is not JSON')
})

test('it is counted in tallies of its source', async () => {
  const { reentry, take, entries } = setUp()
  await take(event('a'))
  await take(event('b', { internal: true }))
  await reentry.tell()
  const tally = (await entries()).at(-1)
  assert.ok(tally?.kind === 'note')
  const { acknowledged, stored, filteredFor, from, to } = JSON.parse(tally.detail)
  assert.deepEqual(
    { source: tally.source, reason: tally.reason, acknowledged, stored, filteredFor, from, to },
    {
      ...{ source: 'one', reason: 'tally', acknowledged: 1, stored: 1 },
      ...{ filteredFor: { excluded: 1 }, from: 0, to: 1 },
    },
  )
})

test('a long run is told of while it goes on', async () => {
  const { take, entries, clock } = setUp()
  await take(event('a'))
  clock.advance(60_000)
  await take(event('b'))
  assert.equal((await entries()).at(-1)?.kind, 'note')
})

test('a source that is not configured takes nothing', async () => {
  const { reentry, take } = setUp()
  assert.deepEqual([reentry.knows('one'), reentry.knows('two')], [true, false])
  const refused = take(event('a'), { source: 'two' })
  await assert.rejects(refused, (error) => hasCode(error, 'INL_ING_UNKNOWN_SOURCE'))
})
