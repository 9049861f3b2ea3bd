import assert from 'node:assert/strict'
import { test } from 'node:test'
import { seededRandom } from '../../../../src/core/random.ts'
import type { GoldDeps } from '../../../../src/loader/gold/gold-rounds.ts'
import { agentDays } from '../../../../src/simulator/centre/agent-day.ts'
import { tellConversation } from '../../../../src/simulator/centre/conversation.ts'
import { makeWorld } from '../../../../src/simulator/centre/world.ts'
import { detailRecord } from '../../../../src/simulator/render/conversation-detail.ts'
import {
  agentIntervals,
  conversations,
  goldTables,
  queueIntervals,
} from '../../../../src/tables/gold.ts'
import { openTestGold, type TestGold } from '../../../support/gold.ts'
import {
  agentRow,
  detailRows,
  eventRows,
  type Silver,
  type SilverRow,
  shuffled,
} from '../../../support/silver.ts'

const never = new AbortController().signal
const startAt = Date.parse('2026-03-01T20:00:00Z')
const random = seededRandom(23)
const world = makeWorld(random)
const told = Array.from({ length: 40 }, (_, index) =>
  tellConversation({ world, random }, { startAt: startAt + index * 450_000 }),
)
const events = told.flatMap((one) => eventRows(one, world.orgId))
const details = told
  .slice(0, 10)
  .flatMap((one) => detailRows(detailRecord(one, 'home'), world.orgId))
const states: SilverRow[] = []
for (const happening of agentDays(random, {
  agent: world.agents[0] ?? (never as never),
  startAt,
})) {
  if (happening.time > startAt + 30 * 3_600_000) break
  states.push(agentRow(happening, world.orgId))
}
const all: Silver = {
  conversation_events: events,
  conversation_details: details,
  agent_states: states,
}

/** The rows in shares, one after the other. */
function shares<T>(rows: readonly T[], count: number): T[][] {
  return Array.from({ length: count }, (_, turn) =>
    rows.filter((_row, index) => index % count === turn),
  )
}

async function goldOf(gold: TestGold) {
  const tables = await Promise.all(goldTables.map((table) => gold.rowsOf(table)))
  return Object.fromEntries(goldTables.map(({ name }, index) => [name, tables[index]]))
}

async function withGold(task: (gold: TestGold) => Promise<void>): Promise<void> {
  const gold = await openTestGold()
  try {
    await task(gold)
  } finally {
    await gold.dispose()
  }
}

async function atOnce(options = {}) {
  let rows = {}
  await withGold(async (gold) => {
    await gold.landSilver(all)
    await gold.goldRounds(options).run(never)
    rows = await goldOf(gold)
  })
  return rows
}
const whole = await atOnce()

test('what comes bit by bit, in any order, makes the rows that it makes at once', async () => {
  const [eventShares, stateShares] = [
    shares(shuffled(events, 1), 4),
    shares(shuffled(states, 2), 4),
  ]
  await withGold(async (gold) => {
    for (const turn of [0, 1, 2, 3]) {
      await gold.landSilver({
        conversation_events: eventShares[turn] ?? [],
        agent_states: stateShares[turn] ?? [],
        conversation_details: turn === 1 ? details : [],
      })
      // As after a restart: nothing is remembered but what the tables say.
      await gold.goldRounds().run(never)
    }
    assert.deepEqual(await goldOf(gold), whole)
    assert.equal((await gold.rowsOf(conversations)).length, told.length)
    assert.ok((await gold.rowsOf(queueIntervals)).length > 20)
    assert.ok((await gold.rowsOf(agentIntervals)).length > 20)
  })
})

test('a conversation moves to the day that it began on when that becomes known', async () => {
  const midnight = Date.parse('2026-03-02T00:00:00Z')
  let one = tellConversation({ world, random }, { startAt: midnight - 30_000 })
  while (one.truth.end < midnight)
    one = tellConversation({ world, random }, { startAt: midnight - 30_000 })
  const rows = eventRows(one, world.orgId)
  const isLate = (row: SilverRow) => String(row['event_time']) < `${dayOf(one.truth.end)}T`
  await withGold(async (gold) => {
    const days = async () => {
      await gold.goldRounds().run(never)
      return (await gold.rowsOf(conversations)).map((row) => dayOf(row['date'] as Date))
    }
    await gold.landSilver({ conversation_events: rows.filter((row) => !isLate(row)) })
    assert.deepEqual(await days(), [dayOf(one.truth.end)])
    await gold.landSilver({ conversation_events: rows.filter(isLate) })
    assert.deepEqual(await days(), [dayOf(one.truth.start)])
  })
})

test('an event that comes a month later finds its conversation', async () => {
  const month = 30 * 86_400_000
  const [one] = told
  assert.ok(one)
  const rows = eventRows(one, world.orgId)
  const late = { ...rows[0], event_type: 'acw', event_time: iso(one.truth.start + month) }
  await withGold(async (gold) => {
    await gold.landSilver({ conversation_events: rows })
    await gold.goldRounds().run(never)
    await gold.landSilver({ conversation_events: [late] })
    await gold.goldRounds().run(never)
    const found = await gold.rowsOf(conversations)
    assert.equal(found.length, 1)
    assert.equal(dayOf(found[0]?.['date'] as Date), dayOf(one.truth.start))
  })
})

test('only the days and buckets that are touched are written anew', async () => {
  await withGold(async (gold) => {
    await gold.landSilver(all)
    await gold.goldRounds().run(never)
    const table = await gold.lake.table(conversations)
    const keys = async () => new Set((await table.refresh()).files.map(({ key }) => key))
    const before = await keys()
    const [first] = events
    await gold.landSilver({ conversation_events: [{ ...first, event_type: 'attributes' }] })
    await gold.goldRounds().run(never)
    assert.equal([...before.difference(await keys())].length, 1)
    assert.equal([...(await keys()).difference(before)].length, 1)
  })
})

test('files are read for as long as a step takes, and let go of', async () => {
  const gold = await openTestGold()
  const { store } = gold
  const lease = store.lease.bind(store)
  let [held, taken] = [0, 0]
  store.localPath = () => Promise.reject(new Error('it would be held for good'))
  store.lease = () => {
    const one = lease()
    held++
    taken++
    const release = one.release.bind(one)
    one.release = () => {
      held--
      release()
    }
    return one
  }
  try {
    for (const part of shares(events, 2)) {
      await gold.landSilver({ conversation_events: part })
      await gold.goldRounds().run(never)
    }
    assert.ok(taken >= 6)
    assert.equal(held, 0)
  } finally {
    await gold.dispose()
  }
})

test('nothing new leaves the tables as they are', async () => {
  await withGold(async (gold) => {
    await gold.landSilver(all)
    await gold.goldRounds().run(never)
    const versions = async () =>
      Promise.all(goldTables.map(async (table) => (await gold.lake.table(table)).refresh()))
    const before = (await versions()).map(({ version }) => version)
    await gold.goldRounds().run(never)
    assert.deepEqual(
      (await versions()).map(({ version }) => version),
      before,
    )
  })
})

test('other options make the rows that rest on them anew, and only those', async () => {
  const other = { timeZone: 'Asia/Kathmandu' }
  await withGold(async (gold) => {
    await gold.landSilver(all)
    await gold.goldRounds().run(never)
    const table = await gold.lake.table(conversations)
    const { version } = await table.refresh()
    await gold.goldRounds(other).run(never)
    assert.deepEqual(await goldOf(gold), await atOnce(other))
    assert.equal((await table.refresh()).version, version)
  })
})

/** Tables of gold that memory is too small for, so many times. */
function tight(gold: TestGold, times: number) {
  const told: string[] = []
  let left = times
  const table: GoldDeps['table'] = async (definition) => {
    const target = await gold.lake.table(definition)
    return {
      ...{ definition: target.definition, key: target.key },
      get state() {
        return target.state
      },
      txn: (id) => target.txn(id),
      commit: (change) => target.commit(change),
      refresh: () => target.refresh(),
      publish: async (files) => {
        if (left-- > 0) throw new Error('Out of Memory Error: could not allocate block')
        return target.publish(files)
      },
    }
  }
  const observer: GoldDeps['observer'] = (event) => void told.push(event)
  return { told, rounds: gold.goldRounds({}, { table, observer }) }
}

test('takes less at a time where memory is too small, and makes the same rows', async () => {
  await withGold(async (gold) => {
    await gold.landSilver(all)
    const { told, rounds } = tight(gold, 3)
    await rounds.run(never)
    assert.deepEqual(await goldOf(gold), whole)
    assert.equal(told.filter((event) => event === 'gold_retrying').length, 3)
    const steps = told.filter((event) => event === 'gold_committed').length
    assert.ok(steps > goldTables.length, `${steps} steps`)
  })
})

test('fails where memory is too small for a single position', async () => {
  await withGold(async (gold) => {
    await gold.landSilver(all)
    const { rounds } = tight(gold, Number.POSITIVE_INFINITY)
    await assert.rejects(rounds.run(never), { code: 'INL_LDR_GOLD' })
  })
})

const iso = (time: number) => new Date(time).toISOString()
const dayOf = (time: number | Date) => new Date(time).toISOString().slice(0, 10)
