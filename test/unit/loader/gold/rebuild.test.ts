import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nodeFiles } from '../../../../src/core/node-files.ts'
import { seededRandom } from '../../../../src/core/random.ts'
import { rebuildGold } from '../../../../src/loader/gold/rebuild.ts'
import { tellConversation } from '../../../../src/simulator/centre/conversation.ts'
import { makeWorld } from '../../../../src/simulator/centre/world.ts'
import { conversations, goldTables } from '../../../../src/tables/gold.ts'
import { openTestGold, type TestGold, usualGold } from '../../../support/gold.ts'
import { eventRows } from '../../../support/silver.ts'

const never = new AbortController().signal
const startAt = Date.parse('2026-03-01T20:00:00Z')
const random = seededRandom(29)
const world = makeWorld(random)
const events = Array.from({ length: 20 }, (_, index) =>
  tellConversation({ world, random }, { startAt: startAt + index * 900_000 }),
).flatMap((one) => eventRows(one, world.orgId))

async function goldOf(gold: TestGold) {
  return Promise.all(goldTables.map((table) => gold.rowsOf(table)))
}

function rebuild(gold: TestGold, change: { store?: TestGold['store']; gold?: object } = {}) {
  const deps = { ...gold, files: nodeFiles, random: seededRandom(6) }
  return rebuildGold(
    { ...deps, ...(change.store && { store: change.store }), observer: () => {} },
    {
      ...{ scratch: gold.scratch, signal: never, onProgress: () => {} },
      gold: { ...usualGold, ...change.gold },
    },
  )
}

test('a rebuild under more threads gives the same rows, and a loader goes on', async () => {
  const gold = await openTestGold()
  try {
    const half = Math.floor(events.length / 2)
    await gold.landSilver({ conversation_events: events.slice(0, half) })
    await gold.goldRounds().run(never)
    const before = await goldOf(gold)
    const table = await gold.lake.table(conversations)
    await table.commit({ operation: 'DELETE', removes: table.snapshot().files.slice(0, 1) })
    assert.notDeepEqual(await goldOf(gold), before)
    await gold.engine.run(`SET threads = 4`)
    await gold.engine.run(`SET GLOBAL TimeZone = 'Asia/Kathmandu'`)
    const { tables } = await rebuild(gold)
    await gold.engine.run(`SET GLOBAL TimeZone = 'UTC'`)
    assert.deepEqual(
      tables.map(({ rows }) => rows),
      before.map((rows) => rows.length),
    )
    assert.deepEqual(await goldOf(gold), before)
    await gold.landSilver({ conversation_events: events.slice(half) })
    await gold.goldRounds().run(never)
    const after = await goldOf(gold)
    await rebuild(gold)
    assert.deepEqual(await goldOf(gold), after)
  } finally {
    await gold.dispose()
  }
})

test('a rebuild by other options leaves nothing to do to the loader that has them', async () => {
  const gold = await openTestGold()
  const other = { timeZone: 'Asia/Kathmandu' }
  try {
    await gold.landSilver({ conversation_events: events.slice(0, 40) })
    await gold.goldRounds().run(never)
    await rebuild(gold, { gold: other })
    const versions = () =>
      Promise.all(goldTables.map(async (table) => (await gold.lake.table(table)).refresh()))
    const before = (await versions()).map(({ version }) => version)
    await gold.goldRounds(other).run(never)
    assert.deepEqual(
      (await versions()).map(({ version }) => version),
      before,
    )
  } finally {
    await gold.dispose()
  }
})

test('whichever commit a rebuild ends at, it is done when it is run again', async () => {
  const gold = await openTestGold()
  try {
    await gold.landSilver({ conversation_events: events })
    await gold.goldRounds().run(never)
    const before = await goldOf(gold)
    let ended = 0
    for (const commits of [2, 5, 9, 1000]) {
      let left = commits
      const ending = { ...gold.store, putIfAbsent: undefined as never }
      const store: TestGold['store'] = Object.assign(Object.create(gold.store), ending, {
        putIfAbsent: (...given: Parameters<TestGold['store']['putIfAbsent']>) => {
          if (left-- === 0) throw new Error('the process ended')
          return gold.store.putIfAbsent(...given)
        },
      })
      await rebuild(gold, { store }).catch(() => ended++)
      assert.deepEqual(await goldOf(gold), before)
    }
    assert.ok(ended > 0)
  } finally {
    await gold.dispose()
  }
})
