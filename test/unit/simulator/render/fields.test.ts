/** Payloads against the field names, types and values that the Genesys SDKs define for them. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { seededRandom } from '../../../../src/core/random.ts'
import { isArray, isObject, type JsonObject, type JsonValue } from '../../../../src/event/json.ts'
import { agentDays } from '../../../../src/simulator/centre/agent-day.ts'
import { tellConversation } from '../../../../src/simulator/centre/conversation.ts'
import type { Happening } from '../../../../src/simulator/centre/happening.ts'
import { mediaTypes } from '../../../../src/simulator/centre/media.ts'
import { queueWatch } from '../../../../src/simulator/centre/queue-watch.ts'
import { makeWorld } from '../../../../src/simulator/centre/world.ts'
import { tellers } from '../../../../src/simulator/render/dialects.ts'
import type { Scene } from '../../../../src/simulator/render/rendered.ts'
import known from '../../../fixtures/simulator/topic-fields.json' with { type: 'json' }

const startAt = Date.UTC(2026, 0, 5, 9)
const world = makeWorld(seededRandom(1))
const definitions = new Map(Object.entries<unknown>(known))

function assertFields(definition: string, body: JsonValue | undefined) {
  const fields = new Map(Object.entries(definitions.get(definition) ?? {}))
  assert.ok(fields.size > 0, `${definition} is not defined`)
  assert.ok(isObject(body))
  for (const [name, value] of Object.entries(body)) {
    const field: unknown = fields.get(name)
    const what = `${name} of ${definition}`
    if (Array.isArray(field)) assert.ok(field.includes(value), `${what}: ${String(value)}`)
    else assert.equal(typeOf(value), field, what)
  }
}

function typeOf(value: JsonValue): string {
  if (isArray(value)) return 'array'
  if (Number.isInteger(value)) return 'integer'
  return value === null ? 'null' : typeof value
}

function scenes(): { happenings: readonly Happening[]; scene: Scene }[] {
  const random = seededRandom(9)
  const ofEachMedium = mediaTypes.flatMap((mediaType) => Array(8).fill({ startAt, mediaType }))
  const conversations = [...ofEachMedium, ...Array(800).fill({ startAt })].map((options) => {
    const conversation = tellConversation({ world, random }, options)
    return { happenings: conversation.happenings, scene: { world, random, conversation } }
  })
  const [agent] = world.agents
  const [queue] = world.queues
  assert.ok(agent !== undefined && queue !== undefined)
  const days = [...agentDays(random, { agent, startAt }).take(300)]
  const watch = [...queueWatch(random, { queue, startAt }).take(5)]
  const scene = { world, random, conversation: null }
  return [...conversations, { happenings: days, scene }, { happenings: watch, scene }]
}

test('EventBridge bodies have the fields, types and values of their topics', () => {
  const templates = new Set<string>()
  for (const { happenings, scene } of scenes()) {
    for (const happening of happenings.filter(({ type }) => tellers.eventbridge.tells.has(type))) {
      const { value } = tellers.eventbridge.render(happening, scene)
      const template = String(value['detail-type'])
      const { detail } = value
      assertFields(template, isObject(detail) ? detail['eventBody'] : null)
      templates.add(template)
    }
  }
  assert.equal(
    templates.size,
    [...definitions.keys()].filter((name) => name.startsWith('v2.')).length,
  )
})

test('Analytics records have the fields, types and values of the Analytics API', () => {
  const teller = tellers['conversation-detail']
  for (const { happenings, scene } of scenes()) {
    for (const happening of happenings.filter(({ type }) => teller.tells.has(type))) {
      const { value } = teller.render(happening, scene)
      assertFields('AnalyticsConversation', value)
      for (const participant of listOf(value, 'participants')) {
        assertFields('AnalyticsParticipant', participant)
        for (const session of listOf(participant, 'sessions')) {
          assertFields('AnalyticsSession', session)
          for (const one of listOf(session, 'segments'))
            assertFields('AnalyticsConversationSegment', one)
          for (const one of listOf(session, 'metrics')) assertFields('AnalyticsSessionMetric', one)
        }
      }
    }
  }
})

function listOf(object: JsonObject, name: string): JsonObject[] {
  const list = object[name]
  assert.ok(isArray(list))
  return list.filter(isObject)
}
