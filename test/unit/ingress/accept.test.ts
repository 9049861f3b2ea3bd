import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import fc from 'fast-check'
import { ObjectView, viewJson } from '../../../src/event/json-view.ts'
import { recognise } from '../../../src/event/recognise.ts'
import { type AcceptOptions, openFilter } from '../../../src/ingress/accept.ts'

const all: AcceptOptions = {
  eventTypes: [],
  interactionTypes: [],
  queues: [],
  states: [],
  directions: [],
  exclude: [],
}

/** The reason for which a body is left out; null where it is wanted. */
function judge(options: Partial<AcceptOptions>, body: object) {
  const accept = { ...all, ...options }
  const slice = Buffer.from(JSON.stringify(body))
  const value = viewJson(slice)
  assert.ok(value instanceof ObjectView)
  const recognised = recognise(value, slice, { eventTypes: new Set(accept.eventTypes) })
  return openFilter(accept)?.(value, recognised) ?? null
}

const guideA = (data: object) => ({ notificationId: '1', eventType: 'interaction', data })
const guideB = { messageId: '1', eventType: 'call.event', contact: { contactType: 'phone' } }
const notification = (eventBody: object, topic = 'customer.end') => ({
  topicName: `v2.detail.events.conversation.3f1c0c1e-6d0e-4d0b-9c83-6f1f0c1d2e3f.${topic}`,
  eventBody,
})
const eventBridge = (eventBody: object) => ({
  ...{ id: '1', 'detail-type': 'x', source: 'aws.partner/genesys.com', time: '2026-01-01' },
  detail: notification(eventBody),
})

suite('which events a source wants', () => {
  test('without lists it wants all, and pays nothing', () => {
    assert.equal(openFilter(all), null)
  })

  test('types are named whole or by their end, and one that nobody knows is not named', () => {
    const named = { eventTypes: ['customer.end', 'observations', 'ours'] }
    assert.equal(judge(named, notification({})), null)
    assert.equal(judge(named, notification({}, 'acd.start')), 'event_type')
    const observation = { topicName: 'v2.analytics.queues.1.observations', eventBody: {} }
    assert.equal(judge(named, observation), null)
    assert.equal(judge(named, { ...guideB, eventType: 'ours' }), null)
    assert.equal(judge(named, { ...guideB, eventType: 'theirs' }), 'event_type')
    assert.equal(judge(named, { any: 'object' }), null)
    assert.equal(judge(named, { notificationId: '1', eventType: null }), null)
  })

  test('interaction types are found in every dialect, with their synonyms', () => {
    const voice = { interactionTypes: ['VOICE'] }
    for (const body of [guideB, guideA({ interactionId: '1', type: 'call' }), guideA({})])
      assert.equal(judge(voice, body), null)
    assert.equal(judge(voice, notification({ mediaType: 'VOICE' })), null)
    assert.equal(judge(voice, eventBridge({ mediaType: 'CHAT' })), 'interaction_type')
    assert.equal(judge(voice, guideA({ interactionId: '1', type: 'webchat' })), 'interaction_type')
    assert.equal(judge({ interactionTypes: ['chat'] }, guideB), 'interaction_type')
    assert.equal(judge(voice, guideA({ type: 'voluntary' })), null)
  })

  test('queues, states and directions are found where dialects keep them', () => {
    const queue = { queues: ['q1'] }
    assert.equal(judge(queue, { ...guideB, queue: { id: 'q1' } }), null)
    assert.equal(judge(queue, { ...guideB, queue: { id: 'q2' } }), 'queue')
    assert.equal(judge(queue, guideA({ queueId: 'q2' })), 'queue')
    assert.equal(judge(queue, notification({ group: { queueId: 'q2' } })), 'queue')
    assert.equal(judge({ states: ['connected'] }, guideA({ state: 'alerting' })), 'state')
    const outbound = eventBridge({ direction: 'OUTBOUND' })
    assert.equal(judge({ directions: ['inbound'] }, outbound), 'direction')
    assert.equal(judge({ directions: ['outbound'] }, outbound), null)
  })

  test('an exclusion holds for exactly its value, in every element of a list', () => {
    const internal = { exclude: [{ field: 'data.internal', equals: true }] }
    assert.equal(judge(internal, guideA({ internal: true })), 'excluded')
    for (const data of [{ internal: 'true' }, { internal: null }, {}, { internal: [true] }])
      assert.equal(judge(internal, guideA(data)), null)
    const station = { exclude: [{ field: 'data.participants[].purpose', equals: 'station' }] }
    const participants = [{ purpose: 'agent' }, null, { purpose: 'station' }]
    assert.equal(judge(station, guideA({ participants })), 'excluded')
    assert.equal(judge(station, guideA({ participants: { purpose: 'station' } })), null)
    const inherited = { exclude: [{ field: 'constructor.name', equals: 'Object' }] }
    assert.equal(judge(inherited, guideA({})), null)
  })

  test('what says nothing a list asks for is kept, whatever it holds', () => {
    const accept = {
      ...{ interactionTypes: ['voice'], queues: ['q'], states: ['s'], directions: ['inbound'] },
      ...{ eventTypes: ['interaction'], exclude: [{ field: 'a.b[].c', equals: 1 }] },
    }
    const odd = fc.oneof(fc.constant(null), fc.integer(), fc.boolean(), fc.constant([]))
    const body = fc.record({
      ...{ data: odd, detail: odd, queue: odd, queueId: fc.boolean(), contact: odd },
      ...{ direction: odd, state: odd, mediaType: odd, eventType: odd, a: odd },
    })
    fc.assert(fc.property(body, (value) => judge(accept, value) === null))
  })

  test('no body makes it throw', () => {
    const accept = {
      ...{ eventTypes: ['x'], interactionTypes: ['x'], queues: ['x'], states: ['x'] },
      ...{ directions: ['x'], exclude: [{ field: 'data.a[].b', equals: 'x' }] },
    }
    const filter = openFilter({ ...all, ...accept })
    const names = ['data', 'detail', 'eventBody', 'queue', 'group', 'contact', 'a', 'b', 'type']
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof({ maxDepth: 5 }, fc.jsonValue(), tie('object'), fc.array(tie('tree'))),
      object: fc.dictionary(fc.constantFrom(...names, '__proto__', 'queueId'), tie('tree')),
    }))
    fc.assert(
      fc.property(tree, (value) => {
        const slice = Buffer.from(JSON.stringify({ data: value }))
        const object = viewJson(slice)
        assert.ok(object instanceof ObjectView)
        const recognised = recognise(object, slice, { eventTypes: new Set() })
        const reason = filter?.(object, recognised)
        return reason === null || typeof reason === 'string'
      }),
    )
  })
})
