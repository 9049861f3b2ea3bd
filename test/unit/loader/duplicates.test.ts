/** What becomes of deliveries that come again, in every way that they do. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Entry } from '../../../src/journal/entry.ts'
import { audit } from '../../../src/loader/audit.ts'
import { DAY, event, MINUTE, NOON, observation, repeat } from '../../support/deliveries.ts'
import { type Landing, openLanding } from '../../support/loader.ts'

async function scenario(run: (landing: Landing) => Promise<void>): Promise<void> {
  const landing = await openLanding()
  try {
    await run(landing)
  } finally {
    await landing.dispose()
  }
}

const a = event('a', '{"n":1,"m":2}')
const sameContent = event('a', ' {"m":2, "n":1}')
const otherContent = event('a', '{"n":1,"m":3}')

test('the same id with the same bytes is a duplicate, within a batch and across batches', () =>
  scenario(async (landing) => {
    await landing.land([a, a, event('b', '{}')])
    await landing.land([a])
    assert.deepEqual(await landing.rows(), [
      '0 event a',
      '1 duplicate a same_bytes 0',
      '2 event b',
      '3 duplicate a same_bytes 0',
    ])
  }))

test('a loader that starts anew remembers from the lake alone', () =>
  scenario(async (landing) => {
    await landing.land([a, event('x@123', '{}'), event('y#0123456789abcdef', '{}')])
    await landing.restart()
    await landing.land([a, event('x@123', '{}'), event('y#0123456789abcdef', '{}')])
    assert.deepEqual((await landing.rows()).slice(3), [
      '3 duplicate a same_bytes 0',
      '4 duplicate x@123 same_bytes 1',
      '5 duplicate y#0123456789abcdef same_bytes 2',
    ])
  }))

test('a duplicate is found across partitions, and names the partition of the first', () =>
  scenario(async (landing) => {
    await landing.land([a], 'gateway-0')
    await landing.land([event('b', '{}'), a], 'gateway-1')
    assert.deepEqual(await landing.rows('gateway-1'), ['0 event b', '1 duplicate a same_bytes 0'])
    const { rows } = await landing.lake.query(
      `SELECT detail ->> 'first_partition', detail ->> 'first_journal_id' FROM bronze.duplicates`,
    )
    assert.deepEqual(rows, [['gateway-0', '00000000-0000-4000-8000-000000000000']])
  }))

test('bytes that were serialised anew are a duplicate and are kept', () =>
  scenario(async (landing) => {
    await landing.land([a, sameContent])
    await landing.restart()
    await landing.land([sameContent])
    assert.deepEqual(await landing.rows(), [
      '0 event a',
      '1 duplicate a same_content 0',
      '2 duplicate a same_content 0',
    ])
    const { rows } = await landing.lake.query('SELECT DISTINCT body FROM bronze.duplicates')
    assert.deepEqual(rows, [[' {"m":2, "n":1}']])
  }))

test('an id that is used again for other content makes an event of its own, once', () =>
  scenario(async (landing) => {
    await landing.land([a, otherContent])
    await landing.land([otherContent, a])
    await landing.restart()
    await landing.land([otherContent, event('a', ' {"n":1,"m":3}'), a])
    const rows = await landing.rows()
    const variant = rows[1]?.split(' ')[2] ?? ''
    assert.match(variant, /^a#[0-9a-f]{16}$/)
    assert.deepEqual(rows, [
      '0 event a',
      `1 event ${variant} id_reused`,
      `2 duplicate ${variant} same_bytes 1`,
      '3 duplicate a same_bytes 0',
      `4 duplicate ${variant} same_bytes 1`,
      `5 duplicate ${variant} same_content 1`,
      '6 duplicate a same_bytes 0',
    ])
  }))

test('an id that holds NUL is looked up like any other', () =>
  scenario(async (landing) => {
    const id = "odd\0'id"
    await landing.land([event(id, '{"n":1}')])
    await landing.restart()
    await landing.land([event(id, '{"n":2}'), event(id, ' {"n":1}'), event(id, '{"n":1}')])
    const reasons = (await landing.rows()).map((row) => row.replace(id, 'id').split(' ').at(-1))
    assert.deepEqual(reasons, ['id', 'id_reused', '0', '0'])
  }))

test('observations that go 3, 4, 3: the last is an event again only when it comes late', () =>
  scenario(async (landing) => {
    await landing.land([observation(3, NOON), observation(4, NOON + MINUTE)])
    await landing.land([observation(3, NOON + 9 * MINUTE), observation(3, NOON + 11 * MINUTE)])
    await landing.restart()
    await landing.land([observation(3, NOON + 12 * MINUTE), observation(3, NOON + 30 * MINUTE)])
    assert.deepEqual(await landing.rows(), [
      '0 event content-of-3',
      '1 event content-of-4',
      '2 duplicate content-of-3 same_bytes 0',
      `3 event content-of-3@${NOON + 11 * MINUTE} observed_again`,
      '4 duplicate content-of-3 same_bytes 3',
      `5 event content-of-3@${NOON + 30 * MINUTE} observed_again`,
    ])
  }))

test('while a clock was ahead nothing is observed that hides what comes after it', () =>
  scenario(async (landing) => {
    const ahead = NOON + 300 * DAY
    await landing.land([observation(3, ahead)])
    await landing.land([observation(3, NOON), observation(3, NOON)])
    await landing.land([observation(3, NOON + MINUTE)])
    await landing.restart()
    await landing.land([observation(3, NOON + 20 * MINUTE)])
    assert.deepEqual(await landing.rows(), [
      '0 event content-of-3',
      `1 event content-of-3@${NOON} observed_again`,
      '2 duplicate content-of-3 same_bytes 1',
      '3 duplicate content-of-3 same_bytes 1',
      `4 event content-of-3@${NOON + 20 * MINUTE} observed_again`,
    ])
  }))

test('what comes again after the window stands under no id twice', async () => {
  const landing = await openLanding({ windowMs: DAY })
  try {
    const future = { eventTime: Date.UTC(9999, 0) }
    await landing.land([observation(3, NOON), event('ahead', '{}', future)])
    landing.lake.clock.advance(10 * DAY)
    await landing.restart()
    const late = NOON + 10 * DAY
    const ahead = event('ahead', '{}', { ...future, receivedAt: late })
    await landing.land([observation(3, late), observation(3, late + MINUTE), ahead])
    await landing.restart()
    await landing.land([observation(3, late + 2 * MINUTE)])
    assert.deepEqual((await landing.rows()).slice(2), [
      `2 event content-of-3@${late} observed_again`,
      '3 duplicate content-of-3 same_bytes 2',
      '4 duplicate ahead same_bytes 1',
      '5 duplicate content-of-3 same_bytes 2',
    ])
    await landing.lake.table.refresh()
    const report = await audit(landing.lake, landing.lake.table, { scopes: new Map(), most: 10 })
    assert.equal(report.clean, true)
  } finally {
    await landing.dispose()
  }
})

test('observations that are landed once more from another journal are what they were', () =>
  scenario(async (landing) => {
    const times = [NOON, NOON + 20 * MINUTE, NOON + 40 * MINUTE]
    const observations = times.map((time) => observation(3, time))
    await landing.land(observations)
    await landing.restart()
    await landing.land(observations, 'copied')
    assert.deepEqual(await landing.rows('copied'), [
      '0 duplicate content-of-3 same_bytes 0',
      '1 duplicate content-of-3 same_bytes 1',
      '2 duplicate content-of-3 same_bytes 2',
    ])
  }))

test('an event older than the window is looked up in the lake', async () => {
  const landing = await openLanding({ windowMs: DAY })
  try {
    await landing.land([a, otherContent])
    landing.lake.clock.advance(10 * DAY)
    await landing.restart()
    const late = { receivedAt: NOON + 10 * DAY }
    await landing.land([event('fresh', '{}', { ...late, eventTime: NOON + 10 * DAY })])
    await landing.land([
      event('a', '{"n":1,"m":2}', late),
      event('a', ' {"n":1, "m":2}', late),
      event('a', '{"n":1,"m":3}', late),
      event('never-seen', '{}', late),
    ])
    const rows = await landing.rows()
    const variant = rows[1]?.split(' ')[2]
    assert.deepEqual(rows.slice(3), [
      '3 duplicate a same_bytes 0',
      '4 duplicate a same_content 0',
      `5 duplicate ${variant} same_bytes 1`,
      '6 event never-seen',
    ])
  } finally {
    await landing.dispose()
  }
})

test('a repeat record is the duplicate of whatever its first position became', () =>
  scenario(async (landing) => {
    await landing.land([a, otherContent, sameContent, repeat(a, 0), repeat(otherContent, 1)])
    await landing.land([repeat(otherContent, 1), repeat(sameContent, 2), repeat(a, 0)])
    const rows = await landing.rows()
    const variant = rows[1]?.split(' ')[2]
    assert.deepEqual(rows.slice(3), [
      '3 duplicate a same_bytes 0',
      `4 duplicate ${variant} same_bytes 1`,
      `5 duplicate ${variant} same_bytes 1`,
      '6 duplicate a same_bytes 0',
      '7 duplicate a same_bytes 0',
    ])
  }))

test('a backlog older than the window is told apart within a batch as well', () =>
  scenario(async (landing) => {
    await landing.land([event('old', '{}')])
    landing.lake.clock.advance(30 * DAY)
    await landing.restart()
    await landing.land([a, a, sameContent, otherContent, otherContent])
    await landing.land([a])
    const rows = await landing.rows()
    assert.deepEqual(
      rows.map((row) => row.replace(/#[0-9a-f]{16}/, '#hash')),
      [
        '0 event old',
        '1 event a',
        '2 duplicate a same_bytes 1',
        '3 duplicate a same_content 1',
        '4 event a#hash id_reused',
        '5 duplicate a#hash same_bytes 4',
        '6 duplicate a same_bytes 1',
      ],
    )
  }))

test('a window that is full within a batch forgets nothing of it', async () => {
  const landing = await openLanding({ windowMaxBytes: 40_000 })
  try {
    const events = Array.from({ length: 1000 }, (_, number) => event(`e${number}`, '{}'))
    await landing.land([...events, ...events])
    const rows = await landing.rows()
    assert.equal(rows.filter((row) => row.includes(' event ')).length, 1000)
    assert.equal(rows.at(-1), '1999 duplicate e999 same_bytes 999')
    assert.equal(rows.at(1000), '1000 duplicate e0 same_bytes 0')
  } finally {
    await landing.dispose()
  }
})

test('what a window lets go of within a batch is known for the rest of it', async () => {
  const landing = await openLanding({ windowMaxBytes: 40_000 })
  try {
    await landing.land([a])
    const later = { receivedAt: NOON + 2 * DAY, eventTime: NOON + 2 * DAY }
    const events = Array.from({ length: 1000 }, (_, n) => event(`e${n}`, '{}', later))
    await landing.land([...events, event('a', '{"n":1,"m":2}', { ...later, eventTime: NOON })])
    assert.equal((await landing.rows()).at(-1), '1001 duplicate a same_bytes 0')
  } finally {
    await landing.dispose()
  }
})

test('a repeat of something that could not be read is a dead letter', () =>
  scenario(async (landing) => {
    const unreadable: Entry = {
      kind: 'unreadable',
      source: 'test',
      sender: 'tester',
      headers: '{}',
      receivedAt: NOON,
      reason: 'invalid_json',
      detail: 'at byte 1',
      body: Buffer.from('{'),
      bodySha256: Buffer.alloc(32),
    }
    await landing.land([unreadable, repeat(a, 0)])
    assert.deepEqual(await landing.rows(), [
      '0 dead_letter invalid_json',
      '1 dead_letter a first_unreadable',
    ])
  }))

test('sources of one dedup group share identities, others do not', async () => {
  const landing = await openLanding({
    sources: ['one', 'two'].map((name) => ({ name, scope: 'group', repeatMs: 600_000 })),
  })
  try {
    const from = (source: string) => event('a', '{}', { source })
    await landing.land([from('one'), from('two'), from('three')])
    await landing.restart()
    await landing.land([from('two'), from('three')])
    assert.deepEqual(await landing.rows(), [
      '0 event a',
      '1 duplicate a same_bytes 0',
      '2 event a',
      '3 duplicate a same_bytes 0',
      '4 duplicate a same_bytes 2',
    ])
  } finally {
    await landing.dispose()
  }
})
