import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { seededRandom } from '../../../../src/core/random.ts'
import { frame } from '../../../../src/event/frame.ts'
import { recognise } from '../../../../src/event/recognise.ts'
import { agentDays } from '../../../../src/simulator/centre/agent-day.ts'
import {
  type Conversation,
  tellConversation,
} from '../../../../src/simulator/centre/conversation.ts'
import type { Happening } from '../../../../src/simulator/centre/happening.ts'
import { queueWatch } from '../../../../src/simulator/centre/queue-watch.ts'
import { makeWorld } from '../../../../src/simulator/centre/world.ts'
import { tellers, toldDialects } from '../../../../src/simulator/render/dialects.ts'
import type { Rendered, Scene, Teller } from '../../../../src/simulator/render/rendered.ts'

const startAt = Date.UTC(2026, 0, 5, 9)
const world = makeWorld(seededRandom(1))
const seeds = { seed: fc.integer(), dialect: fc.constantFrom(...toldDialects) }

function tellIn(teller: Teller, happenings: readonly Happening[], scene: Scene): Rendered[] {
  return happenings.filter(({ type }) => teller.tells.has(type)).map((h) => teller.render(h, scene))
}

function told(seed: number, teller: Teller): { conversation: Conversation; events: Rendered[] } {
  const random = seededRandom(seed)
  const conversation = tellConversation({ world, random }, { startAt })
  const scene = { world, random: seededRandom(seed + 1), conversation }
  return { conversation, events: tellIn(teller, conversation.happenings, scene) }
}

/** What happens outside of conversations, enough of it that a day of an agent ends. */
function apart(seed: number): Happening[] {
  const random = seededRandom(seed)
  const [agent] = world.agents
  const [queue] = world.queues
  assert.ok(agent !== undefined && queue !== undefined)
  const days = agentDays(random, { agent, startAt }).take(400)
  return [...days, ...queueWatch(random, { queue, startAt }).take(20)]
}

function recognisedAs(event: Rendered) {
  const text = JSON.stringify(event.value)
  const [element] = frame(Buffer.from(text), (value, slice) =>
    recognise(value, slice, { eventTypes: new Set() }),
  ).elements
  assert.ok(element?.kind === 'object')
  return element.value
}

function assertRecognised(event: Rendered) {
  const { dialect, eventType, topic, eventTime, conversationId, eventId } = event
  const found = recognisedAs(event)
  assert.deepEqual(
    { ...found, eventId: eventId === null ? null : found.eventId },
    {
      ...found,
      dialect,
      eventType,
      topic,
      eventTime,
      conversationId,
      eventId,
      orgId: dialect === 'eventbridge' ? world.orgId : null,
    },
  )
}

test('a receiver finds in each event of a conversation what was put into it', () => {
  fc.assert(
    fc.property(fc.record(seeds), ({ seed, dialect }) => {
      const { events } = told(seed, tellers[dialect])
      assert.ok(events.length > 0)
      for (const event of events) assertRecognised(event)
    }),
  )
})

test('a receiver finds in events outside of conversations what was put into them', () => {
  for (const dialect of toldDialects) {
    const scene = { world, random: seededRandom(4), conversation: null }
    for (const event of tellIn(tellers[dialect], apart(2), scene)) assertRecognised(event)
  }
})

test('no two events are the same event to a receiver', () => {
  fc.assert(
    fc.property(fc.record(seeds), ({ seed, dialect }) => {
      const scene = { world, random: seededRandom(seed + 2), conversation: null }
      const events = told(seed, tellers[dialect]).events.concat(
        tellIn(tellers[dialect], apart(seed), scene),
      )
      const ids = new Set(events.map((event) => recognisedAs(event).eventId))
      assert.equal(ids.size, events.length)
    }),
    { numRuns: 50 },
  )
})

test('the same seed renders the same bytes', () => {
  fc.assert(
    fc.property(fc.record(seeds), ({ seed, dialect }) => {
      const [one, other] = [0, 1].map(() => JSON.stringify(told(seed, tellers[dialect]).events))
      assert.equal(one, other)
    }),
    { numRuns: 50 },
  )
})

test('every telephone number and e-mail address is of a reserved range', () => {
  fc.assert(
    fc.property(fc.record(seeds), ({ seed, dialect }) => {
      const text = JSON.stringify(told(seed, tellers[dialect]).events.map(({ value }) => value))
      for (const [number] of text.matchAll(/\+\d{5,}/g)) assert.match(number, /^\+1\d{3}55501\d\d$/)
      for (const [address] of text.matchAll(/[\w.-]+@[\w.-]+/g)) {
        assert.match(address, /@example\.com$/)
      }
    }),
  )
})
