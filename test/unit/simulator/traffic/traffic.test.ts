import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { seededRandom } from '../../../../src/core/random.ts'
import { frame } from '../../../../src/event/frame.ts'
import { recognise } from '../../../../src/event/recognise.ts'
import type { Conversation } from '../../../../src/simulator/centre/conversation.ts'
import type { Happening } from '../../../../src/simulator/centre/happening.ts'
import { makeWorld } from '../../../../src/simulator/centre/world.ts'
import { toldDialects } from '../../../../src/simulator/render/dialects.ts'
import { harshFaults, noFaults } from '../../../../src/simulator/traffic/faults.ts'
import type { DeliveredEvent, Delivery } from '../../../../src/simulator/traffic/packing.ts'
import { usualBatches } from '../../../../src/simulator/traffic/packing.ts'
import { type TrafficOptions, traffic } from '../../../../src/simulator/traffic/traffic.ts'

const plain: TrafficOptions = {
  events: 600,
  startAt: Date.UTC(2026, 0, 5, 9),
  conversationsPerSecond: 2,
  mix: Object.fromEntries(toldDialects.map((dialect) => [dialect, 1])),
}
const harsh = { ...plain, faults: harshFaults, batches: { ...usualBatches, share: 0.3 } }

function deliveries(seed: number, options: TrafficOptions): Delivery[] {
  const random = seededRandom(seed)
  return [...traffic({ world: makeWorld(random), random }, options)]
}

function bodies(seed: number, options: TrafficOptions): DeliveredEvent[] {
  return deliveries(seed, options).flatMap(({ events }) => events)
}

function everySeed(options: TrafficOptions, law: (deliveries: Delivery[]) => void) {
  fc.assert(
    fc.property(fc.integer(), (seed) => law(deliveries(seed, options))),
    { numRuns: 8 },
  )
}

test('the same seed delivers the same bytes', () => {
  const seeds = fc.property(fc.integer(), (seed) => {
    assert.deepEqual(deliveries(seed, harsh), deliveries(seed, harsh))
  })
  fc.assert(seeds, { numRuns: 3 })
})

test('about as many events are told as were asked for', () => {
  for (const dialect of toldDialects) {
    const told = bodies(3, { ...plain, mix: { [dialect]: 1 } })
    assert.ok(told.length >= 600 && told.length < 680, `${dialect}: ${told.length}`)
  }
})

test('deliveries come in order of simulated time, counted from 0', () => {
  everySeed({ ...plain, faults: harshFaults }, (found) => {
    const times = found.map(({ at }) => at)
    assert.deepEqual(
      times,
      times.toSorted((a, b) => a - b),
    )
    assert.deepEqual(
      found.map(({ number }) => number),
      found.map((_, index) => index),
    )
  })
})

test('every conversation that begins is told to its end', () => {
  const begun: Conversation[] = []
  const mix = { eventbridge: 1 }
  const options = { ...plain, mix, onConversation: (one: Conversation) => void begun.push(one) }
  const text = deliveries(5, options).map(({ body }) => body.toString())
  const ended = text.filter((body) => body.includes('customer.end"'))
  assert.equal(ended.length, begun.length)
  for (const { contact } of begun) {
    assert.equal(ended.filter((body) => body.includes(contact.conversationId)).length, 1)
  }
})

test('what agents do is told in order, and can be known beforehand', () => {
  const told: Happening[] = []
  const onHappening = (happening: Happening) => void told.push(happening)
  const slow = { ...plain, conversationsPerSecond: 0.2, mix: { notification: 1 } }
  const found = bodies(5, { ...slow, events: 3000, onHappening })
  assert.equal(told.length, found.length)
  const changes = told.filter(({ type }) => type === 'routingStatus')
  assert.ok(changes.length > 20)
  const times = changes.map(({ time }) => time)
  assert.deepEqual(
    times,
    times.toSorted((a, b) => a - b),
  )
})

test('faults and batches change nothing of what is told', () => {
  const keys = (options: TrafficOptions) =>
    bodies(7, options)
      .filter(({ key, expected }) => expected === 'event' && /^[0-9a-f-]+$/.test(key))
      .map(({ key }) => key)
      .toSorted()
  assert.deepEqual(keys(harsh), keys(plain))
})

test('a receiver frames every request into the very bodies that were put into it', () => {
  everySeed(harsh, (found) => {
    for (const { body, batch, events } of found) {
      const framing = frame(body)
      assert.equal(framing.batch, batch)
      assert.deepEqual(
        framing.elements.map(({ slice }) => Buffer.from(slice)),
        events.map(({ bytes }) => Buffer.from(bytes)),
      )
    }
  })
})

test('what is called unreadable is, and everything else is not', () => {
  everySeed(harsh, (found) => {
    for (const { body, events } of found) {
      const kinds = frame(body).elements.map(({ kind }) => kind)
      assert.deepEqual(
        kinds,
        events.map(({ expected }) => (expected === 'unreadable' ? 'unreadable' : 'object')),
      )
    }
  })
})

test('a repetition is the same event to a receiver, and bent payloads keep their identity', () => {
  everySeed(harsh, (found) => {
    const ids = new Map<string, string>()
    const readable = found
      .flatMap(({ events }) => events)
      .filter(({ expected }) => expected !== 'unreadable')
    for (const { key, bytes } of readable) {
      const [element] = frame(bytes, (value) =>
        recognise(value, bytes, { eventTypes: new Set() }),
      ).elements
      assert.ok(element?.kind === 'object')
      const { eventId } = element.value
      const ownId = key.replace('/reused', '')
      if (!key.startsWith('body/')) assert.equal(eventId, ownId)
      assert.equal(ids.get(key) ?? eventId, eventId)
      ids.set(key, eventId)
    }
  })
})

test('each event is delivered once as an event, and repetitions follow or precede it', () => {
  everySeed(harsh, (found) => {
    const all = found.flatMap(({ events }) => events)
    const first = all.filter(({ expected }) => expected === 'event').map(({ key }) => key)
    assert.equal(new Set(first).size, first.length)
    const again = all.filter(({ expected }) => expected === 'duplicate')
    assert.ok(again.length > 0)
    const known = new Set(first)
    assert.ok(again.every(({ key }) => known.has(key)))
  })
})

test('without faults every body is an event, alone in its request', () => {
  for (const { batch, events } of deliveries(9, { ...plain, faults: noFaults })) {
    assert.equal(batch, false)
    assert.deepEqual(
      events.map(({ expected }) => expected),
      ['event'],
    )
  }
})

test('in bursts, conversations begin more often', () => {
  const begun: number[] = []
  const bursts = { everyMs: 60_000, lastsMs: 10_000, factor: 12 }
  const onConversation = ({ truth }: Conversation) => void begun.push(truth.start)
  deliveries(2, { ...plain, events: 9000, bursts, onConversation })
  const within = begun.filter((start) => (start - plain.startAt) % 60_000 < 10_000)
  assert.ok(within.length > begun.length / 2, `${within.length} of ${begun.length}`)
})

test('batches of one size hold that many bodies, whatever their format', () => {
  for (const format of usualBatches.formats) {
    const batches = { share: 1, least: 50, most: 50, formats: [format] }
    const found = deliveries(4, { ...plain, mix: { eventbridge: 1 }, batches })
    assert.ok(found.slice(0, -1).every(({ events }) => events.length === 50))
    const type = format === 'ndjson' ? 'application/x-ndjson' : 'application/json'
    assert.equal(found[0]?.contentType, type)
  }
})
