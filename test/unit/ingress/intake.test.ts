import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { hasCode, InletError } from '../../../src/core/errors.ts'
import { createSeenCache } from '../../../src/dedup/seen-cache.ts'
import type { ObjectView } from '../../../src/event/json-view.ts'
import { type Delivery, Intake } from '../../../src/ingress/intake.ts'
import type { Verdict } from '../../../src/ingress/overload/admission.ts'
import type { Entry, EventEntry } from '../../../src/journal/entry.ts'
import type { JournalWriter } from '../../../src/journal/journal.ts'
import { createMemoryJournal } from '../../../src/journal/memory-journal.ts'
import { movableClock } from '../../support/clock.ts'
import { overWriter } from '../../support/ingress.ts'

function setUp(wrap = (writer: JournalWriter) => writer) {
  const clock = movableClock()
  const state: { verdict: Verdict } = { verdict: 'take' }
  const memory = createMemoryJournal({ journalId: 'j', partition: 'p' })
  const intake = new Intake({ journal: wrap(memory.openWriter()), clock }, { batchEvents: 4 })
  const cache = createSeenCache({ maxBytes: 2 ** 16 })
  const source = {
    name: 'one',
    orgId: 'configured',
    recognise: { eventTypes: new Set<string>() },
    seen: cache.scope('one'),
    filter: null,
    admission: { admit: () => state.verdict },
  }
  const deliver = (body: string, change: Partial<Delivery> = {}) =>
    intake.take({ source, sender: 'hmac:one', headers: '{}', body: Buffer.from(body), ...change })
  const entries = async (): Promise<Entry[]> => {
    const records = await memory.openReader().read(0, { records: 100, bytes: 1e6 })
    return records.flatMap((record) => (record.kind === 'entry' ? [record.entry] : []))
  }
  return { state, clock, intake, source, cache, deliver, entries }
}

const event = (id: string, more = {}) => JSON.stringify({ notificationId: id, data: {}, ...more })
const left = { filtered: 0, filteredFor: new Map<string, number>(), shed: [] as string[] }
const single = { ...left, batch: false, stored: 0, duplicate: 0, quarantined: 0 }

test('an event is kept whole, with who sent it and when it came', async () => {
  const { clock, deliver, entries } = setUp()
  const body = ` ${event('1', { timestamp: '2026-01-02T03:04:05Z' })}\n`
  assert.deepEqual(await deliver(body), { ...single, stored: 1 })
  const [entry] = (await entries()) as EventEntry[]
  assert.equal(entry?.kind, 'event')
  const { envelope } = entry
  assert.equal(Buffer.from(envelope.body).toString(), body)
  assert.deepEqual(
    [envelope.source, envelope.sender, envelope.headers, envelope.receivedAt, envelope.eventId],
    ['one', 'hmac:one', '{}', clock.now(), '1'],
  )
  assert.deepEqual(Buffer.from(envelope.bodySha256), createHash('sha256').update(body).digest())
})

const ofOrg = (organizationId: string) =>
  JSON.stringify({ topicName: 'v2.x', eventBody: { organizationId } })

test("the organisation is the event's own, else that of the source", async () => {
  const { source, deliver, entries } = setUp()
  await deliver(ofOrg('own'), { source: { ...source, orgId: null } })
  await deliver(ofOrg('Configured'))
  await deliver(event('1'))
  const orgs = ((await entries()) as EventEntry[]).map(({ envelope }) => envelope.orgId)
  assert.deepEqual(orgs, ['own', 'Configured', 'configured'])
})

test('an event of another organisation than that of its source is kept as no event', async () => {
  const { deliver, entries, source } = setUp()
  const body = ofOrg('another')
  assert.deepEqual(await deliver(body), { ...single, quarantined: 1 })
  const batch = await deliver(`${event('1')}\n${body}`, {
    source: { ...source, filter: () => 'queue' },
  })
  assert.deepEqual([batch.quarantined, batch.filtered], [1, 1])
  for (const entry of await entries()) {
    assert.equal(entry.kind, 'unreadable')
    assert.equal(entry.reason, 'other_org')
    assert.doesNotMatch(entry.detail, /another$|configured/)
    assert.equal(Buffer.from(entry.body).toString(), body)
  }
})

test('what one source has taken is no duplicate for another', async () => {
  const { deliver, source, cache } = setUp()
  const other = { ...source, name: 'two', seen: cache.scope('two') }
  assert.deepEqual(await deliver(event('1')), { ...single, stored: 1 })
  assert.deepEqual(await deliver(event('1'), { source: other }), { ...single, stored: 1 })
  assert.deepEqual(await deliver(event('1'), { source: other }), { ...single, duplicate: 1 })
})

test('the same bytes again are kept without a body, naming the first position', async () => {
  const { deliver, entries } = setUp()
  await deliver(event('other'))
  await deliver(event('1'))
  assert.deepEqual(await deliver(event('1')), { ...single, duplicate: 1 })
  const entry = (await entries())[2]
  assert.equal(entry?.kind, 'repeat')
  assert.equal(entry.firstPosition, 1)
  assert.equal(entry.envelope.eventId, '1')
  assert.equal(entry.envelope.body.length, 0)
  assert.deepEqual(
    Buffer.from(entry.envelope.bodySha256),
    createHash('sha256').update(event('1')).digest(),
  )
})

test('the same id with other bytes is kept whole', async () => {
  const { deliver, entries } = setUp()
  await deliver(event('1'))
  assert.deepEqual(await deliver(event('1', { state: 'ended' })), { ...single, stored: 1 })
  assert.deepEqual(
    (await entries()).map(({ kind }) => kind),
    ['event', 'event'],
  )
})

test('another source that sends the same bytes learns nothing of it', async () => {
  const { deliver, source, cache } = setUp()
  await deliver(event('1'))
  const other = { ...source, name: 'two', seen: cache.scope('two') }
  assert.deepEqual(await deliver(event('1'), { source: other }), { ...single, stored: 1 })
})

test('an observation without a time of its own is kept whole each time', async () => {
  const { deliver, entries } = setUp()
  const body = JSON.stringify({ topicName: 'v2.x', eventBody: { value: 1 } })
  await deliver(body)
  assert.deepEqual(await deliver(body), { ...single, stored: 1 })
  const kept = (await entries()) as EventEntry[]
  assert.deepEqual(
    kept.map(({ envelope }) => envelope.timeless),
    [true, true],
  )
})

test('of a batch each element is kept in its order, the unreadable ones too', async () => {
  const { deliver, entries } = setUp()
  await deliver(event('1'))
  const receipt = await deliver([event('1'), event('2'), '{broken', event('2')].join('\n'))
  assert.deepEqual(receipt, { ...left, batch: true, stored: 2, duplicate: 1, quarantined: 1 })
  const kept = (await entries()).slice(1)
  assert.deepEqual(
    kept.map(({ kind }) => kind),
    ['repeat', 'event', 'unreadable', 'event'],
  )
  const [, , unreadable] = kept
  assert.ok(unreadable?.kind === 'unreadable')
  assert.equal(Buffer.from(unreadable.body).toString(), '{broken')
  assert.equal(unreadable.reason, 'invalid_json')
  assert.equal(unreadable.sender, 'hmac:one')
  // Both of the batch were stored, and either place is right from here on.
  assert.deepEqual(await deliver(event('2')), { ...single, duplicate: 1 })
})

test('what cannot be read at all is kept whole', async () => {
  const { intake, source, deliver, entries } = setUp()
  assert.deepEqual(await deliver(''), { ...single, quarantined: 1 })
  const delivery = { source, sender: 's', headers: '{}', body: Buffer.from([1, 2, 3]) }
  const why = { reason: 'invalid_gzip', detail: 'it is none' }
  assert.deepEqual(await intake.takeUnreadable(delivery, why), { ...single, quarantined: 1 })
  const entry = (await entries())[1]
  assert.ok(entry?.kind === 'unreadable')
  assert.deepEqual([entry.reason, entry.detail], ['invalid_gzip', 'it is none'])
  assert.deepEqual([...entry.body], [1, 2, 3])
})

test('a batch of nothing is kept by doing nothing', async () => {
  const { deliver, entries } = setUp()
  assert.deepEqual(await deliver('[]'), { ...single, batch: true })
  assert.deepEqual(await entries(), [])
})

test('a batch of too many is refused before anything of it is kept', async () => {
  const { deliver, entries } = setUp()
  const four = [1, 2, 3, 4].map((id) => event(`${id}`))
  assert.equal((await deliver(`[${four}]`)).stored, 4)
  await assert.rejects(deliver(`[${[...four, event('5')]}]`), (error) =>
    hasCode(error, 'INL_ING_BATCH_SIZE'),
  )
  assert.equal((await entries()).length, 4)
})

test('what may not have become durable is no first delivery of anything', async () => {
  let failing = true
  const { deliver } = setUp((writer) =>
    overWriter(writer, {
      append: (entries) =>
        failing ? Promise.reject(new Error('no disk')) : writer.append(entries),
    }),
  )
  await assert.rejects(deliver(event('1')), /no disk/)
  failing = false
  assert.deepEqual(await deliver(event('1')), { ...single, stored: 1 })
})

test('nothing is remembered before it is durable', async () => {
  const waiting: (() => void)[] = []
  const { deliver } = setUp((writer) =>
    overWriter(writer, {
      append: async (entries) => {
        await new Promise<void>((resolve) => waiting.push(resolve))
        return writer.append(entries)
      },
    }),
  )
  const both = [deliver(event('1')), deliver(event('1'))]
  for (const release of waiting) release()
  assert.deepEqual(await Promise.all(both), [
    { ...single, stored: 1 },
    { ...single, stored: 1 },
  ])
})

test('what the source does not want is left out, counted by reason, and not written', async () => {
  const { source, deliver, entries } = setUp()
  const filter = (value: ObjectView) => (value.member('queue') === 'b' ? 'queue' : null)
  const batch = `[${event('1', { queue: 'a' })},${event('2', { queue: 'b' })},7]`
  const change = { source: { ...source, filter } }
  assert.deepEqual(await deliver(batch, change), {
    ...{ batch: true, stored: 1, duplicate: 0, quarantined: 1 },
    ...{ filtered: 1, filteredFor: new Map([['queue', 1]]), shed: [] },
  })
  const filtered = { filtered: 1, filteredFor: new Map([['queue', 1]]) }
  assert.deepEqual(await deliver(event('3', { queue: 'b' }), change), { ...single, ...filtered })
  assert.deepEqual(
    (await entries()).map(({ kind }) => kind),
    ['event', 'unreadable'],
  )
})

test('what there is no room for is shed by its ids, or told to come again', async () => {
  const { state, deliver, entries } = setUp()
  state.verdict = 'shed'
  const receipt = await deliver(`[${event('1')},${event('2')}]`)
  assert.deepEqual(receipt, { ...single, batch: true, shed: ['1', '2'] })
  state.verdict = new InletError('INL_ING_RATE', { source: 'one' })
  await assert.rejects(deliver(event('3')), (error) => hasCode(error, 'INL_ING_RATE'))
  assert.deepEqual(await entries(), [])
})
