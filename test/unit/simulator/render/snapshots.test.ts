/** What the dialects that tell a conversation again and again say of it in the end. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { seededRandom } from '../../../../src/core/random.ts'
import { isArray, isObject, type JsonObject, type JsonValue } from '../../../../src/event/json.ts'
import { tellConversation } from '../../../../src/simulator/centre/conversation.ts'
import { makeWorld } from '../../../../src/simulator/centre/world.ts'
import { type ToldDialect, tellers } from '../../../../src/simulator/render/dialects.ts'

const startAt = Date.UTC(2026, 0, 5, 9)
const world = makeWorld(seededRandom(1))

function tell(seed: number, dialect: ToldDialect) {
  const random = seededRandom(seed)
  const conversation = tellConversation({ world, random }, { startAt })
  const teller = tellers[dialect]
  const values = conversation.happenings
    .filter(({ type }) => teller.tells.has(type))
    .map((happening) => teller.render(happening, { world, random, conversation }).value)
  return { truth: conversation.truth, values }
}

function at(value: JsonValue | undefined, ...names: string[]): JsonValue | undefined {
  return names.reduce((inner, name) => (isObject(inner) ? inner[name] : undefined), value)
}

test('the last snapshot of an interaction is the truth in seconds, and none says more', () => {
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      const { truth, values } = tell(seed, 'analytics-notification')
      const { talkMs, holdMs, waitMs, acwMs } = truth
      assert.deepEqual(at(values.at(-1), 'data', 'metrics'), {
        talkTime: talkMs / 1000,
        holdTime: holdMs / 1000,
        waitTime: waitMs / 1000,
        acw: acwMs / 1000,
        totalTime: (talkMs + holdMs + waitMs + acwMs) / 1000,
      })
      const totals = values.map((value) => Number(at(value, 'data', 'metrics', 'totalTime')))
      assert.deepEqual(
        totals,
        totals.toSorted((a, b) => a - b),
      )
    }),
  )
})

test('the last snapshot names everybody who took part and the last code recorded', () => {
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      const { truth, values } = tell(seed, 'analytics-notification')
      const participants = at(values.at(-1), 'data', 'participants')
      assert.ok(isArray(participants))
      const agents = participants.filter((one) => at(one, 'role') === 'agent')
      assert.deepEqual(
        agents.map((one) => at(one, 'id')),
        truth.userIds,
      )
      const code = world.wrapUpCodes.find(({ id }) => id === truth.wrapUpCodes.at(-1))
      assert.equal(at(values.at(-1), 'data', 'wrapUpCode'), code?.name.toLowerCase() ?? null)
    }),
  )
})

test('subscriptions tell each disposition once, and when the contact began and ended', () => {
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      const { truth, values } = tell(seed, 'event-subscription')
      const dispositions = values.filter((value) => value['eventType'] === 'disposition.event')
      assert.equal(dispositions.length, truth.wrapUpCodes.length)
      const [ended] = values.filter((value) => value['callEndTime'] !== undefined)
      assert.equal(ended?.['callStartTime'], new Date(truth.start).toISOString())
      assert.equal(ended?.['callEndTime'], new Date(truth.end).toISOString())
    }),
  )
})

test('the segments and metrics of an Analytics record add up to the truth', () => {
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      const { truth, values } = tell(seed, 'conversation-detail')
      const [record] = values
      assert.ok(record !== undefined && values.length === 1)
      const agents = listOf(record, 'participants').filter(({ purpose }) => purpose === 'agent')
      assert.equal(agents.length, truth.legs.length)
      const sessions = agents.flatMap((agent) => listOf(agent, 'sessions'))
      const metrics = sessions.flatMap((session) => listOf(session, 'metrics'))
      const handled = metrics
        .filter(({ name }) => name === 'tHandle')
        .map(({ value }) => Number(value))
      assert.equal(sum(handled), truth.handleMs)
      const held = sessions
        .flatMap((session) => listOf(session, 'segments'))
        .filter(({ segmentType }) => segmentType === 'hold')
        .map(
          (one) => Date.parse(String(one['segmentEnd'])) - Date.parse(String(one['segmentStart'])),
        )
      assert.equal(sum(held), truth.holdMs)
    }),
  )
})

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}

function listOf(object: JsonObject, name: string): JsonObject[] {
  const list = object[name]
  assert.ok(isArray(list))
  return list.filter(isObject)
}
