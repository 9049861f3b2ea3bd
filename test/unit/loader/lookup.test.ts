/** What the loader looks up in the lake, what it decides by it, and how little of it is read. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { audit } from '../../../src/loader/audit.ts'
import { DAY, event, NOON, repeat } from '../../support/deliveries.ts'
import { type Landing, openLanding } from '../../support/loader.ts'

/** A landing with a window of a day, and the files that lookups ask for. */
async function counting(run: (landing: Landing, asked: Set<string>) => Promise<void>) {
  const landing = await openLanding({ windowMs: DAY })
  const { store } = landing.lake
  const asked = new Set<string>()
  const open = store.lease.bind(store)
  store.lease = () => {
    const lease = open()
    const bring = (keys: readonly string[]) => {
      for (const key of keys) asked.add(key)
      return lease.bring(keys)
    }
    return { ...lease, bring }
  }
  try {
    await run(landing, asked)
  } finally {
    await landing.dispose()
  }
}

async function filesOf(landing: Landing): Promise<number> {
  return (await landing.lake.table.refresh()).files.length
}

test('an event with an id and no time of its own is one event, however late it comes again', () =>
  counting(async (landing) => {
    const timeOf = (receivedAt: number) => ({ eventTime: null, receivedAt })
    const first = event('a', '{"n":1,"m":2}', timeOf(NOON))
    const other = event('a', '{"n":3}', timeOf(NOON))
    await landing.land([first, other])
    landing.lake.clock.advance(10 * DAY)
    await landing.restart()
    const late = timeOf(NOON + 10 * DAY)
    await landing.land([
      event('a', '{"n":1,"m":2}', late),
      event('a', '{"m":2, "n":1}', late),
      event('a', '{"n":3}', late),
      event('b', '{}', late),
      repeat(first, 0),
    ])
    const rows = await landing.rows()
    const variant = rows[1]?.split(' ')[2]
    assert.deepEqual(rows.slice(2), [
      '2 duplicate a same_bytes 0',
      '3 duplicate a same_content 0',
      `4 duplicate ${variant} same_bytes 1`,
      '5 event b',
      '6 duplicate a same_bytes 0',
    ])
    await landing.lake.table.refresh()
    const report = await audit(landing.lake, landing.lake.table, { scopes: new Map(), most: 10 })
    assert.equal(report.clean, true)
  }))

test('only what was received before the window is read for events without a time', () =>
  counting(async (landing, asked) => {
    const at = (day: number) => ({ eventTime: null, receivedAt: NOON + day * DAY })
    await landing.land([event('old', '{}', at(0))])
    landing.lake.clock.advance(10 * DAY)
    await landing.restart()
    for (let n = 0; n < 5; n++) await landing.land([event(`e${n}`, '{}', at(11))])
    asked.clear()
    await landing.land([event('old', '{}', at(11))])
    assert.equal(asked.size, 1)
    assert.equal((await landing.rows()).at(-1), '6 duplicate old same_bytes 0')
    assert.equal(await filesOf(landing), 7)
  }))

test('an id that is used for everything costs one file of the lake a batch, and no event', () =>
  counting(async (landing, asked) => {
    const batch = (from: number) =>
      Array.from({ length: 500 }, (_, n) => {
        const receivedAt = NOON + (from + n) * 1000
        return event('{{id}}', `{"n":${from + n}}`, { receivedAt, eventTime: receivedAt })
      })
    for (let from = 0; from < 4000; from += 500) {
      asked.clear()
      await landing.land(batch(from))
      assert.ok(asked.size <= 1)
    }
    const again = batch(0)
    asked.clear()
    await landing.land([...again, ...again.map((entry, n) => repeat(entry, n))])
    assert.equal(asked.size, 1)
    const { rows } = await landing.lake.query(
      `SELECT outcome, count(*), count(DISTINCT body) FROM bronze.arrivals GROUP BY 1 ORDER BY 1`,
    )
    assert.deepEqual(rows, [
      ['duplicate', 1000n, 0n],
      ['event', 4000n, 4000n],
    ])
    assert.equal(await filesOf(landing), 9)
  }))

test('what a full window let go of is known to the lake, and still one event each', async () => {
  const landing = await openLanding({ windowMaxBytes: 40_000 })
  try {
    const events = Array.from({ length: 3000 }, (_, n) => {
      const receivedAt = NOON + n
      return event(`e${n}`, '{}', { receivedAt, eventTime: receivedAt })
    })
    for (const from of [0, 1000, 2000]) await landing.land(events.slice(from, from + 1000))
    for (const from of [2000, 0, 1000]) {
      const again = events.slice(from, from + 1000).map(({ kind, envelope }) => {
        return { kind, envelope: { ...envelope, receivedAt: NOON + 10_000 } }
      })
      await landing.land(again)
    }
    const rows = await landing.rows()
    assert.equal(rows.filter((row) => row.includes(' event ')).length, 3000)
    assert.equal(rows[3000], '3000 duplicate e2000 same_bytes 2000')
    assert.equal(rows.at(-1), '5999 duplicate e1999 same_bytes 1999')
  } finally {
    await landing.dispose()
  }
})
