/** What gold does, where it is made anew, with rows of days of which retention took the sources. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nodeFiles } from '../../../../src/core/node-files.ts'
import { seededRandom } from '../../../../src/core/random.ts'
import type { SqlRow } from '../../../../src/lake/sql/duckdb.ts'
import { rebuildGold } from '../../../../src/loader/gold/rebuild.ts'
import { Retention } from '../../../../src/loader/retention-rounds.ts'
import { agentDays } from '../../../../src/simulator/centre/agent-day.ts'
import { tellConversation } from '../../../../src/simulator/centre/conversation.ts'
import { makeWorld } from '../../../../src/simulator/centre/world.ts'
import { agentIntervals, conversations, queueIntervals } from '../../../../src/tables/gold.ts'
import { openTestGold, type TestGold, usualGold } from '../../../support/gold.ts'
import { agentRow, eventRows, type SilverRow } from '../../../support/silver.ts'

const DAY = 86_400_000
const HOUR = 3_600_000
const never = new AbortController().signal
const startAt = Date.parse('2026-03-01T10:00:00Z')
const DAYS = 5
const random = seededRandom(31)
const world = makeWorld(random)
const told = (at: number) => tellConversation({ world, random }, { startAt: at })
/** Of five days, also across each midnight. */
const events = Array.from({ length: DAYS }, (_, day) =>
  [0, 13.9].map((hours) => told(startAt + day * DAY + hours * HOUR)),
)
  .flat()
  .flatMap((one) => eventRows(one, world.orgId))
const states: SilverRow[] = []
for (const happening of agentDays(random, { agent: world.agents[0] ?? assert.fail(), startAt })) {
  if (happening.time > startAt + DAYS * DAY) break
  states.push(agentRow(happening, world.orgId))
}

const tables = [conversations, queueIntervals, agentIntervals]
const goldOf = (gold: TestGold) => Promise.all(tables.map((table) => gold.rowsOf(table)))
const before = (day: string) => (row: SqlRow) => Date.parse(String(row['date'])) < Date.parse(day)

async function withGold(use: (gold: TestGold) => Promise<void>): Promise<void> {
  const gold = await openTestGold()
  try {
    await gold.landSilver({ conversation_events: events, agent_states: states })
    await gold.goldRounds().run(never)
    await use(gold)
  } finally {
    await gold.dispose()
  }
}

/** Takes what happened before `day` out of silver. */
async function retain(gold: TestGold, day: string): Promise<void> {
  const keep = { bronze: 10_000 * DAY, silver: gold.clock.now() - Date.parse(day) }
  const deps = { ...gold, random: seededRandom(2), observer: () => undefined }
  await new Retention(deps, keep).look(never)
}

function rebuild(gold: TestGold, change: object = {}) {
  const deps = { ...gold, files: nodeFiles, random: seededRandom(6), observer: () => undefined }
  const options = { scratch: gold.scratch, signal: never, onProgress: () => undefined }
  return rebuildGold(deps, { ...options, gold: { ...usualGold, ...change } })
}

test('a rebuild gives the rows that were there; also of days that have gone', () =>
  withGold(async (gold) => {
    const rows = await goldOf(gold)
    assert.ok(rows.every((some) => some.some(before('2026-03-03'))))
    await retain(gold, '2026-03-03')
    const { tables: made } = await rebuild(gold)
    assert.deepEqual(await goldOf(gold), rows)
    const kept = made.slice(0, 3).map((table) => table.kept)
    assert.deepEqual(
      kept,
      rows.map((some) => some.filter(before('2026-03-04')).length),
    )
    await retain(gold, '2026-03-04')
    await rebuild(gold)
    assert.deepEqual(await goldOf(gold), rows)
  }))

test('other options count again what is left, and keep what is not as it was counted', () =>
  withGold(async (gold) => {
    const rows = await gold.rowsOf(queueIntervals)
    await retain(gold, '2026-03-03')
    const options = { serviceLevel: new Map([['voice', 1]]), shortAbandonMs: 0 }
    await gold.goldRounds(options).run(never)
    const after = await gold.rowsOf(queueIntervals)
    const isKept = before('2026-03-04')
    assert.ok(rows.some(isKept))
    assert.deepEqual(after.filter(isKept), rows.filter(isKept))
    assert.equal(after.length, rows.length)
    assert.notDeepEqual(after, rows)
    await gold.goldRounds(options).run(never)
    assert.deepEqual(await gold.rowsOf(queueIntervals), after)
  }))

test('what comes late for a day that was taken out leaves its rows alone', () =>
  withGold(async (gold) => {
    await retain(gold, '2026-03-03')
    const rows = await goldOf(gold)
    const [gone, left] = [told(startAt + 4 * HOUR), told(startAt + 2 * DAY + 4 * HOUR)]
    const [first = {}] = events
    const again = { ...first, event_id: 'late', event_time: '2026-03-05T10:00:00Z' }
    await gold.landSilver({ conversation_events: [...eventRows(gone, world.orgId), again] })
    await gold.goldRounds().run(never)
    assert.deepEqual(await goldOf(gold), rows)
    await gold.landSilver({ conversation_events: eventRows(left, world.orgId) })
    await gold.goldRounds().run(never)
    const ids = (await gold.rowsOf(conversations)).map((row) => row['conversation_id'])
    assert.equal(ids.length, (rows[0]?.length ?? 0) + 1)
    assert.ok(ids.includes(left.contact.conversationId))
  }))

test('what comes late for a day that is kept leaves its rows alone; for later days it counts', () =>
  withGold(async (gold) => {
    await retain(gold, '2026-03-03')
    await rebuild(gold)
    const rows = await goldOf(gold)
    const [late, young] = [told(startAt + 4 * HOUR), told(startAt + 4 * DAY + 4 * HOUR)]
    const [first = {}] = events
    const again = { ...first, event_id: 'late', event_time: '2026-03-05T10:00:00Z' }
    await gold.landSilver({ conversation_events: [...eventRows(late, world.orgId), again] })
    await gold.goldRounds().run(never)
    assert.deepEqual(await goldOf(gold), rows)
    await gold.landSilver({ conversation_events: eventRows(young, world.orgId) })
    await gold.goldRounds().run(never)
    const ids = (await gold.rowsOf(conversations)).map((row) => row['conversation_id'])
    assert.equal(ids.length, (rows[0]?.length ?? 0) + 1)
    assert.ok(ids.includes(young.contact.conversationId))
    const after = await goldOf(gold)
    await rebuild(gold)
    assert.deepEqual(await goldOf(gold), after)
  }))
