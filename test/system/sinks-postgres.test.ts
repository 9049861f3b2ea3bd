/** Rows of silver in a real PostgreSQL: each once, whatever happens on the way. */
import assert from 'node:assert/strict'
import { after, afterEach, before, beforeEach, suite, test } from 'node:test'
import { systemClock } from '../../src/core/clock.ts'
import { systemRandom } from '../../src/core/random.ts'
import type { EventName } from '../../src/observe/events.ts'
import { Feed } from '../../src/sinks/feed.ts'
import { Forwarder } from '../../src/sinks/forwarder.ts'
import { openPostgresSink } from '../../src/sinks/postgres.ts'
import { interactions, queueObservations } from '../../src/tables/silver.ts'
import { openTestLake, type TestLake } from '../support/lake.ts'
import { type Postgres, startPostgres } from '../support/postgres.ts'
import { loadSilver, type RowSql } from '../support/silver-load.ts'

let server: Postgres
let lake: TestLake
let said: string[]
const opened: Forwarder[] = []
const go = new AbortController().signal

before(async () => {
  server = await startPostgres()
})
after(() => server.dispose())
beforeEach(async () => {
  lake = await openTestLake()
  said = []
})
afterEach(async () => {
  for (const forwarder of opened.splice(0)) await forwarder.stop()
  await server.query('DROP SCHEMA IF EXISTS inlet CASCADE')
  await lake.dispose()
})

function openForwarder(rows = 3): Forwarder {
  const { engine, store } = lake
  const feed = new Feed({ open: async () => ({ engine, store, find: lake.lake.find }) })
  const sink = openPostgresSink({
    name: 'trial',
    url: async () => server.url,
    schema: 'inlet',
    // No server here is that slow, however slow the machine is.
    connectMs: 600_000,
    statementMs: 600_000,
  })
  const observer = (event: EventName) => void said.push(event)
  const forwarder = new Forwarder(
    { feed, sink, clock: systemClock, random: systemRandom, observer },
    { tables: [interactions, queueObservations], everyMs: 20, rows },
  )
  opened.push(forwarder)
  return forwarder
}

const interaction = (position: number, more: RowSql = {}): RowSql => ({
  event_id: `'event-${position}'`,
  source: `'guide'`,
  event_time: `TIMESTAMPTZ '2026-11-22 10:00:00.123456+00'`,
  talk_ms: '120500',
  participants: `[{'id': 'a', 'role': 'agent', 'name': NULL}]`,
  position: String(position),
  ...more,
})

const dated = { event_type: 'interaction', date: '2026-11-22' }
const load = (positions: readonly number[], more?: RowSql, partition?: string) =>
  loadSilver(lake, {
    table: interactions,
    partitionValues: dated,
    rows: positions.map((position) => interaction(position, more)),
    to: Math.max(...positions) + 1,
    ...(partition !== undefined && { partition }),
  })
const ids = async () =>
  (await server.query('SELECT event_id FROM inlet.interactions ORDER BY position, event_id')).map(
    (row) => row['event_id'],
  )
const from = (first: number, last: number) =>
  Array.from({ length: last - first + 1 }, (_, index) => first + index)

suite('a PostgreSQL sink', () => {
  test('holds every column as silver has it, and goes on where it stopped', async () => {
    await load(from(0, 7))
    await openForwarder().bringUpToDate(go)
    const [row] = await server.query(
      `SELECT event_time = '2026-11-22 10:00:00.123456Z' AS time, talk_ms, date::text,
         event_type, participants->0->>'role' AS role FROM inlet.interactions LIMIT 1`,
    )
    assert.deepEqual(row, {
      time: true,
      talk_ms: '120500',
      date: '2026-11-22',
      event_type: 'interaction',
      role: 'agent',
    })
    await load(from(8, 9))
    await openForwarder().bringUpToDate(go)
    assert.deepEqual(
      await ids(),
      from(0, 9).map((one) => `event-${one}`),
    )
    assert.deepEqual(said, [])
  })

  test('has a unique constraint on the event id, which keeps repeated rows out', async () => {
    await load(from(0, 3))
    await load(from(2, 5), {}, 'gateway-1')
    await openForwarder(100).bringUpToDate(go)
    assert.deepEqual(
      await ids(),
      from(0, 5).map((one) => `event-${one}`),
    )
    assert.deepEqual(said, ['sink_repeated'])
    const again = `INSERT INTO inlet.interactions (source, event_id) VALUES ('guide', 'event-1')`
    await assert.rejects(server.query(again), /unique constraint/)
  })

  test('keeps the values of one event together and tells them apart', async () => {
    const value = (ordinal: number): RowSql => ({
      event_id: `'seen'`,
      source: `'guide'`,
      ordinal: String(ordinal),
      position: '4',
    })
    const rows = from(0, 9).map(value)
    const partitionValues = { date: '2026-11-22' }
    await loadSilver(lake, { table: queueObservations, partitionValues, rows, to: 5 })
    await openForwarder(3).bringUpToDate(go)
    await openForwarder(3).bringUpToDate(go)
    const [row] = await server.query('SELECT count(*)::int AS rows FROM inlet.queue_observations')
    assert.deepEqual(row, { rows: 10 })
  })

  test('names a row that it cannot hold, and takes those around it', async () => {
    await load([0, 1])
    await openForwarder().bringUpToDate(go)
    await server.query('ALTER TABLE inlet.interactions ADD CHECK (talk_ms < 1000000)')
    await load([2])
    await load([3], { talk_ms: '2000000' })
    await load([4])
    await openForwarder(100).bringUpToDate(go)
    assert.deepEqual(await ids(), ['event-0', 'event-1', 'event-2', 'event-4'])
    const refused = await server.query('SELECT table_name, event_id FROM inlet.inlet_refused')
    assert.deepEqual(refused, [{ table_name: 'silver.interactions', event_id: 'event-3' }])
    assert.deepEqual(said, ['sink_refused'])
  })

  test('holds texts with NUL, which PostgreSQL has no place for', async () => {
    await load([0], { state: `concat('a', chr(0), 'b\\u0000')` })
    await openForwarder().bringUpToDate(go)
    const [row] = await server.query('SELECT state FROM inlet.interactions')
    assert.deepEqual(row, { state: 'a\ufffdb\\u0000' })
  })

  test('misses and doubles nothing when the server dies in the middle', async () => {
    const forwarder = openForwarder(2)
    await load(from(0, 99))
    await forwarder.start()
    while ((await ids().catch(() => [])).length < 10);
    await server.kill()
    // It may have sent all of the first already: then it has to miss the server for these.
    await load(from(100, 119))
    while (!said.includes('sink_retrying')) await systemClock.sleep(10)
    await server.start()
    while ((await ids().catch(() => [])).length < 120) await systemClock.sleep(10)
    assert.deepEqual(
      await ids(),
      from(0, 119).map((one) => `event-${one}`),
    )
    while (!said.includes('sink_recovered')) await systemClock.sleep(10)
    assert.ok(!said.includes('sink_repeated'))
  })

  test('takes turns with another process of the same name', async () => {
    await load(from(0, 199))
    const both = [openForwarder(3), openForwarder(3)]
    const ended = await Promise.allSettled(both.map((one) => one.bringUpToDate(go)))
    for (const one of ended)
      if (one.status === 'rejected') assert.match(String(one.reason), /another process has moved/)
    await openForwarder().bringUpToDate(go)
    assert.equal((await ids()).length, 200)
    assert.ok(!said.includes('sink_repeated'))
  })
})
