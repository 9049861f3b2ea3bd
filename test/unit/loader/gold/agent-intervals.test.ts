import assert from 'node:assert/strict'
import { test } from 'node:test'
import { seededRandom } from '../../../../src/core/random.ts'
import type { SqlRow } from '../../../../src/lake/sql/duckdb.ts'
import { agentStatesSql, agentWorkSql } from '../../../../src/loader/gold/agent-intervals.ts'
import { agentDays } from '../../../../src/simulator/centre/agent-day.ts'
import { tellConversation } from '../../../../src/simulator/centre/conversation.ts'
import type { AgentHappening } from '../../../../src/simulator/centre/happening.ts'
import { handling, spent } from '../../../../src/simulator/centre/truth.ts'
import { makeWorld } from '../../../../src/simulator/centre/world.ts'
import { lowerCamel } from '../../../../src/simulator/render/rendered.ts'
import { agentRow, eventRows, openSilver, type Silver, shuffled } from '../../../support/silver.ts'

const halfHour = 30 * 60_000
const startAt = Date.parse('2026-03-01T09:10:00Z')
const random = seededRandom(19)
const world = makeWorld(random)

/** Two working days of three agents. */
const days = world.agents.slice(0, 3).map((agent) => {
  const happenings: AgentHappening[] = []
  for (const happening of agentDays(random, { agent, startAt })) {
    if (happening.time > startAt + 40 * 3_600_000) return happenings
    happenings.push(happening)
  }
  return happenings
})

async function rowsOf(silver: Silver, sql: string): Promise<SqlRow[]> {
  const { engine, dispose } = await openSilver(silver)
  try {
    return await engine.rows(`
      SELECT * REPLACE (strftime(interval_start, '%Y-%m-%dT%H:%M:%S.%gZ') AS interval_start)
      FROM (${sql}) ORDER BY user_id, kind, state, interval_start`)
  } finally {
    await dispose()
  }
}

const startOf = (time: number) => new Date(time - (time % halfHour)).toISOString()
const keyOf = (row: SqlRow) =>
  `${row['user_id']} ${row['kind']} ${row['state']} ${row['interval_start']}`

interface Change {
  readonly kind: string
  readonly state: string
  readonly at: number
}

function changeOf(happening: AgentHappening): Change {
  const { type, time: at } = happening
  if (type === 'presence') return { kind: type, state: lowerCamel(happening.presence), at }
  if (type === 'routingStatus') return { kind: type, state: lowerCamel(happening.status), at }
  return { kind: 'login', state: type === 'agent.login' ? 'loggedIn' : 'loggedOut', at }
}

/** Ms in a state by agent, kind, state and half hour, from each change to the next of its kind. */
function stateTruth(): Map<string, number> {
  const found = new Map<string, number>()
  for (const happenings of days) {
    const changes = happenings.map(changeOf)
    const heardAt = Math.max(...changes.map(({ at }) => at))
    const userId = happenings[0]?.agent.id
    for (const [index, { kind, state, at }] of changes.entries()) {
      if (state === 'loggedOut') continue
      const next = changes.slice(index + 1).find((other) => other.kind === kind)
      const until = next?.at ?? heardAt
      for (let from = at; from < until || from === at; ) {
        const to = Math.min(until, from - (from % halfHour) + halfHour)
        const key = `${userId} ${kind} ${state} ${startOf(from)}`
        found.set(key, (found.get(key) ?? 0) + to - from)
        if (to === until) break
        from = to
      }
    }
  }
  return found
}

const states = days.flat().map((happening) => agentRow(happening, world.orgId))

test('the time in each state is the truth, split over the half hours that it lasts', async () => {
  const rows = await rowsOf(
    { agent_states: shuffled([...states, ...states], 2) },
    agentStatesSql('UTC'),
  )
  const found = new Map(rows.map((row) => [keyOf(row), Number(row['state_ms'])]))
  assert.deepEqual([...found].toSorted(), [...stateTruth()].toSorted())
  const entered = rows.reduce((sum, row) => sum + Number(row['entered']), 0)
  const changes = days.flat().filter(({ type }) => type !== 'agent.logout')
  assert.equal(entered, changes.length)
})

const change = (at: string, state: string, kind = 'presence') => ({
  user_id: 'u',
  event_time: at,
  state_at: at,
  kind,
  state,
})
const told = async (rows: readonly object[]) => {
  const found = await rowsOf({ agent_states: rows as never }, agentStatesSql('UTC'))
  return found.map((row) => [
    row['state'],
    row['interval_start'],
    row['state_ms'],
    row['provisional'],
  ])
}

test('a state that nothing ended lasts until the last that was heard of its agent', async () => {
  const rows = await told([
    change('2026-03-01T09:50:00Z', 'onQueue'),
    change('2026-03-01T10:10:00Z', 'idle', 'routingStatus'),
  ])
  assert.deepEqual(rows, [
    ['onQueue', '2026-03-01T09:30:00.000Z', 600_000n, false],
    ['onQueue', '2026-03-01T10:00:00.000Z', 600_000n, true],
    ['idle', '2026-03-01T10:00:00.000Z', 0n, true],
  ])
})

test('no state counts for longer than a day', async () => {
  const rows = await told([
    change('2026-03-01T09:00:00Z', 'away'),
    change('2026-03-05T09:00:00Z', 'available'),
  ])
  const away = rows.filter(([state]) => state === 'away')
  assert.equal(away.length, 48)
  assert.ok(away.every(([, , ms]) => ms === 1_800_000n))
})

test('states of two sessions last at once, until their session ends', async () => {
  const session = (at: string, state: string, id: string) => ({
    ...change(at, state, 'session'),
    conversation_id: 'c',
    session_id: id,
  })
  const rows = await told([
    session('2026-03-01T09:00:00Z', 'interact', 'one'),
    session('2026-03-01T09:05:00Z', 'interact', 'two'),
    session('2026-03-01T09:10:00Z', 'terminated', 'one'),
    session('2026-03-01T09:20:00Z', 'terminated', 'two'),
  ])
  assert.deepEqual(rows, [['interact', '2026-03-01T09:00:00.000Z', 1_500_000n, false]])
})

test('a time that makes no sense is taken for the time of the event', async () => {
  const rows = await told([
    { ...change('2026-03-01T09:00:00Z', 'away'), state_at: '0001-01-01T00:00:00Z' },
    change('2026-03-01T09:10:00Z', 'available'),
  ])
  assert.deepEqual(rows[1], ['away', '2026-03-01T09:00:00.000Z', 600_000n, false])
})

test('handled work is the truth, counted when it is over', async () => {
  const conversations = Array.from({ length: 300 }, (_, index) =>
    tellConversation({ world, random }, { startAt: startAt + index * 30_000 }),
  )
  const truth = new Map<string, { handled: number; handle: number }>()
  for (const { truth: one, spans } of conversations)
    for (const { party, userId, to, wrapUp } of one.legs) {
      const handle = spent(
        spans.filter((span) => span.party === party),
        handling,
      )
      const key = `${userId} handling ${one.mediaType} ${startOf(wrapUp?.at ?? to)}`
      const had = truth.get(key) ?? { handled: 0, handle: 0 }
      truth.set(key, { handled: had.handled + 1, handle: had.handle + handle })
    }
  const silver = {
    conversation_events: conversations.flatMap((one) => eventRows(one, world.orgId)),
  }
  const rows = await rowsOf(silver, agentWorkSql('UTC'))
  const found = rows
    .filter((row) => row['handled'] !== 0n)
    .map((row) => [
      keyOf(row),
      { handled: Number(row['handled']), handle: Number(row['handle_ms']) },
    ])
  assert.deepEqual(new Map(found as never), truth)
})
