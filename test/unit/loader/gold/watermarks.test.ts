import assert from 'node:assert/strict'
import { test } from 'node:test'
import { seededRandom } from '../../../../src/core/random.ts'
import { movedBy } from '../../../../src/loader/gold/watermarks.ts'
import { tellConversation } from '../../../../src/simulator/centre/conversation.ts'
import { makeWorld } from '../../../../src/simulator/centre/world.ts'
import { agentIntervals, conversations, queueIntervals } from '../../../../src/tables/gold.ts'
import { openTestGold } from '../../../support/gold.ts'
import { eventRows } from '../../../support/silver.ts'

const never = new AbortController().signal
const startAt = Date.parse('2026-03-01T20:00:00Z')
const random = seededRandom(29)
const world = makeWorld(random)
const { orgId } = world
const told = Array.from({ length: 40 }, (_, index) =>
  tellConversation({ world, random }, { startAt: startAt + index * 450_000 }),
)
const rows = told.flatMap((one) => eventRows(one, orgId))
const halfway = told[20]?.truth.end ?? 0

test('a watermark is set by the first note, and moved by those that join it', () => {
  const note = (from: number, to: number) => ({ orgId: 'a', from, to })
  const none = new Map<string, number>()
  assert.deepEqual(movedBy(none, []), none)
  assert.deepEqual(movedBy(none, [note(10, 20)]), new Map([['a', 20]]))
  const stands = new Map([['a', 20]])
  assert.deepEqual(movedBy(stands, [note(15, 30), note(30, 40)]), new Map([['a', 40]]))
  assert.deepEqual(movedBy(stands, [note(21, 40)]), stands, 'a gap')
  assert.deepEqual(movedBy(stands, [note(0, 15)]), stands, 'an older stretch')
  assert.deepEqual(
    movedBy(stands, [{ orgId: 'b', from: 1, to: 2 }]),
    new Map([
      ['a', 20],
      ['b', 2],
    ]),
  )
})

test('what ended behind the watermark is provisional until that passes it', async () => {
  const gold = await openTestGold()
  const rounds = gold.goldRounds()
  const provisional = async () => {
    await rounds.run(never)
    const found = await gold.rowsOf(conversations)
    assert.equal(found.length, told.length)
    return found.filter((row) => row['provisional']).map((row) => String(row['conversation_id']))
  }
  const endedFrom = (time: number) =>
    told.filter(({ truth }) => truth.end >= time).map(({ truth }) => truth.conversationId)
  try {
    await gold.landSilver({ conversation_events: rows.slice(0, -1) })
    assert.ok((await provisional()).length < 2, 'nobody compares')
    await gold.landSilver({ conversation_events: rows.slice(-1) })
    assert.deepEqual(await provisional(), [])
    await gold.landCompared({ orgId, from: startAt, to: halfway })
    assert.deepEqual((await provisional()).sort(), endedFrom(halfway).sort())
    await gold.landCompared({ orgId: 'another', from: startAt, to: startAt + 1 })
    assert.deepEqual((await provisional()).sort(), endedFrom(halfway).sort())
    const later = halfway + 3_600_000
    await gold.landCompared({ orgId, from: later + 1, to: later + 2 })
    assert.deepEqual((await provisional()).sort(), endedFrom(halfway).sort(), 'a gap')
    await gold.landCompared({ orgId, from: startAt, to: later })
    assert.deepEqual((await provisional()).sort(), endedFrom(later).sort())
    const moved = await gold.rowsOf(conversations)
    const anew = await openTestGold()
    await anew.landSilver({ conversation_events: rows })
    for (const to of [halfway, later]) await anew.landCompared({ orgId, from: startAt, to })
    await anew.goldRounds().run(never)
    assert.deepEqual(await anew.rowsOf(conversations), moved, 'the same rows, made at once')
    await anew.dispose()
    await gold.landCompared({ orgId, from: halfway, to: startAt + 86_400_000 })
    assert.deepEqual(await provisional(), [])
  } finally {
    await gold.dispose()
  }
})

test('half hours that end behind the watermark are provisional until it passes', async () => {
  const gold = await openTestGold()
  const rounds = gold.goldRounds()
  const halfHour = 1_800_000
  const rowsOf = async (from: Awaited<ReturnType<typeof openTestGold>>) => {
    const agents = await from.rowsOf(agentIntervals)
    return [await from.rowsOf(queueIntervals), agents.filter((row) => row['kind'] === 'handling')]
  }
  /** Of the half hours of a table, those that are provisional, and those that should be. */
  const provisional = async (watermark: number) => {
    await rounds.run(never)
    for (const found of await rowsOf(gold)) {
      assert.ok(found.length > 20)
      for (const row of found) {
        const end = Date.parse(String(row['interval_start'])) + halfHour
        assert.equal(row['provisional'], end > watermark, `${row['interval_start']}`)
      }
    }
  }
  try {
    await gold.landSilver({ conversation_events: rows })
    await provisional(Number.POSITIVE_INFINITY)
    const onTheHalfHour = halfway - (halfway % halfHour)
    await gold.landCompared({ orgId, from: startAt, to: onTheHalfHour })
    await provisional(onTheHalfHour)
    await gold.landCompared({ orgId: 'another', from: startAt, to: startAt + 1 })
    await provisional(onTheHalfHour)
    await gold.landCompared({ orgId, from: startAt, to: halfway + 3_600_000 })
    await provisional(halfway + 3_600_000)
    const moved = await rowsOf(gold)
    const anew = await openTestGold()
    await anew.landSilver({ conversation_events: rows })
    for (const to of [onTheHalfHour, halfway + 3_600_000])
      await anew.landCompared({ orgId, from: startAt, to })
    await anew.goldRounds().run(never)
    assert.deepEqual(await rowsOf(anew), moved, 'the same rows, made at once')
    await anew.dispose()
    await gold.landSilver({ conversation_events: rows.slice(0, 30) })
    await provisional(halfway + 3_600_000)
  } finally {
    await gold.dispose()
  }
})
