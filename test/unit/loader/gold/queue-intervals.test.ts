import assert from 'node:assert/strict'
import { test } from 'node:test'
import { seededRandom } from '../../../../src/core/random.ts'
import type { SqlRow } from '../../../../src/lake/sql/duckdb.ts'
import { type GoldOptions, queueIntervalsSql } from '../../../../src/loader/gold/queue-intervals.ts'
import { tellConversation } from '../../../../src/simulator/centre/conversation.ts'
import { handling, spent } from '../../../../src/simulator/centre/truth.ts'
import { makeWorld } from '../../../../src/simulator/centre/world.ts'
import { detailRecord } from '../../../../src/simulator/render/conversation-detail.ts'
import {
  detailRows,
  eventRows,
  openSilver,
  type Silver,
  shuffled,
} from '../../../support/silver.ts'

const minute = 60_000
const startAt = Date.parse('2026-03-01T09:00:00Z')
const random = seededRandom(11)
const world = makeWorld(random)
const conversations = Array.from({ length: 400 }, (_, index) =>
  tellConversation({ world, random }, { startAt: startAt + index * 30_000 }),
)
const options: GoldOptions = {
  timeZone: 'UTC',
  serviceLevel: new Map([['voice', 10_000]]),
  shortAbandonMs: 5000,
}

const sums = [
  ...['offered', 'answered', 'abandoned', 'short_abandoned', 'flowed_out', 'answered_in_time'],
  ...['answer_ms', 'abandon_ms', 'handled', 'talk_ms', 'hold_ms', 'acw_ms', 'handle_ms'],
] as const
type Sums = Record<(typeof sums)[number], number>

/** By queue, medium and the beginning of the half hour. */
function truths(offset: number): Map<string, Sums> {
  const found = new Map<string, Sums>()
  const add = (place: { queue: string | null; media: string; at: number }, more: Partial<Sums>) => {
    if (place.queue === null) return
    const start = place.at - ((place.at + offset) % (30 * minute))
    const key = `${place.queue} ${place.media} ${new Date(start).toISOString()}`
    const had = found.get(key) ?? (Object.fromEntries(sums.map((name) => [name, 0])) as Sums)
    for (const name of sums) had[name] += more[name] ?? 0
    found.set(key, had)
  }
  for (const { truth, spans } of conversations) {
    const media = truth.mediaType
    const within = options.serviceLevel.get(media) ?? 20_000
    for (const { queueId: queue, from, to, outcome } of truth.visits) {
      const [wait, left] = [to - from, { queue, media, at: to }]
      add({ queue, media, at: from }, { offered: 1 })
      if (outcome === 'ANSWERED')
        add(left, { answered: 1, answer_ms: wait, answered_in_time: wait <= within ? 1 : 0 })
      if (outcome === 'ABANDON')
        add(left, { abandoned: 1, abandon_ms: wait, short_abandoned: wait < 5000 ? 1 : 0 })
      if (outcome === 'FLOW_OUT') add(left, { flowed_out: 1 })
    }
    for (const { party, queueId: queue, to, wrapUp } of truth.legs) {
      const own = spans.filter((span) => span.party === party)
      const handle = spent(own, handling)
      const ended = { queue, media, at: to }
      add(ended, { talk_ms: spent(own, ['talk']), hold_ms: spent(own, ['hold']) })
      const settled = { queue, media, at: wrapUp?.at ?? to }
      if (wrapUp !== null) add(settled, { acw_ms: spent(own, ['acw']) })
      if (handle > 0) add(settled, { handled: 1, handle_ms: handle })
    }
  }
  return found
}

async function gold(silver: Silver, timeZone = 'UTC', threads = 1): Promise<SqlRow[]> {
  const { engine, dispose } = await openSilver(silver)
  try {
    await engine.run(`SET threads = ${threads}`)
    return await engine.rows(`
      SELECT * REPLACE (strftime(interval_start, '%Y-%m-%dT%H:%M:%S.%gZ') AS interval_start)
      FROM (${queueIntervalsSql({ ...options, timeZone })})
      ORDER BY queue_id, media_type, interval_start`)
  } finally {
    await dispose()
  }
}

const byPlace = (rows: readonly SqlRow[]) =>
  new Map(
    rows.map((row) => [
      `${row['queue_id']} ${row['media_type']} ${row['interval_start']}`,
      Object.fromEntries(sums.map((name) => [name, Number(row[name])])),
    ]),
  )

const silver = { conversation_events: conversations.flatMap((one) => eventRows(one, world.orgId)) }

test('what happened at each queue in each half hour is the truth', async () => {
  assert.deepEqual(byPlace(await gold(silver)), truths(0))
})

test('half hours are those of the time zone, a quarter of an hour off or not', async () => {
  const offset = (5 * 60 + 45) * minute
  assert.deepEqual(byPlace(await gold(silver, 'Asia/Kathmandu')), truths(offset))
})

test('Analytics records give the same intervals as events', async () => {
  const details = conversations.flatMap((one) => detailRows(detailRecord(one, 'home'), world.orgId))
  assert.deepEqual(byPlace(await gold({ conversation_details: details })), truths(0))
})

test('order and the number of threads change nothing', async () => {
  const { conversation_events: events } = silver
  const twice = shuffled([...events, ...events], 5)
  assert.deepEqual(await gold({ conversation_events: twice }, 'UTC', 4), await gold(silver))
})

test('an hour shown twice makes four intervals, one skipped none', async () => {
  const visit = (at: string) => {
    const common = { conversation_id: at, session_id: at, queue_id: 'q', media_type: 'voice' }
    return { ...common, event_type: 'acd.start', event_time: at }
  }
  const starts = async (times: readonly string[]) => {
    const rows = await gold({ conversation_events: times.map(visit) }, 'Europe/Berlin')
    return rows.map((row) => row['interval_start'])
  }
  // 02:45 in summer, 02:15 and 02:45 in winter.
  const back = ['2026-10-25T00:45:00Z', '2026-10-25T01:15:00Z', '2026-10-25T01:45:00Z']
  assert.deepEqual(await starts(back), [
    '2026-10-25T00:30:00.000Z',
    '2026-10-25T01:00:00.000Z',
    '2026-10-25T01:30:00.000Z',
  ])
  // 01:59 in winter, a minute later 03:00 in summer.
  assert.deepEqual(await starts(['2026-03-29T00:59:59Z', '2026-03-29T01:00:00Z']), [
    '2026-03-29T00:30:00.000Z',
    '2026-03-29T01:00:00.000Z',
  ])
})

test('averages are of those that they count, and null for none', async () => {
  const rows = await gold(silver)
  const check = (row: SqlRow, [average, sum, count]: readonly [string, string, string]) => {
    const [all, number] = [Number(row[sum]), Number(row[count])]
    const expected = number === 0 ? null : BigInt(Math.round(all / number))
    assert.equal(row[average], expected)
  }
  for (const row of rows) {
    check(row, ['asa_ms', 'answer_ms', 'answered'])
    check(row, ['aht_ms', 'handle_ms', 'handled'])
    const left = Number(row['answered']) + Number(row['abandoned']) - Number(row['short_abandoned'])
    const level = left === 0 ? null : Number(row['answered_in_time']) / left
    assert.equal(row['service_level'], level)
  }
  assert.ok(rows.some((row) => row['service_level'] !== null && Number(row['service_level']) < 1))
})
