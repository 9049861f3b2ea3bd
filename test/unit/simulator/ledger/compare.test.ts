import assert from 'node:assert/strict'
import { hash } from 'node:crypto'
import { test } from 'node:test'
import { seededRandom } from '../../../../src/core/random.ts'
import { makeWorld } from '../../../../src/simulator/centre/world.ts'
import { compareWithLake, type LakeRow } from '../../../../src/simulator/ledger/compare.ts'
import { Ledger, sentEntry } from '../../../../src/simulator/ledger/ledger.ts'
import type { AnsweredOutcome } from '../../../../src/simulator/sending/answer.ts'
import { harshFaults } from '../../../../src/simulator/traffic/faults.ts'
import type { Delivery } from '../../../../src/simulator/traffic/packing.ts'
import { usualBatches } from '../../../../src/simulator/traffic/packing.ts'
import { traffic } from '../../../../src/simulator/traffic/traffic.ts'

const clean = { missing: [], repeated: [], unexpected: [], bodyMismatches: [], deadLettered: [] }
const sha = (bytes: Uint8Array) => hash('sha256', bytes, 'hex')

/**
 * Deliveries, the ledger of a sender to whom all were acknowledged, and the rows of a true lake.
 */
function scene() {
  const random = seededRandom(6)
  const options = {
    events: 400,
    startAt: Date.UTC(2026, 0, 5),
    conversationsPerSecond: 1,
    mix: { eventbridge: 3, notification: 1, 'conversation-detail': 1 },
    faults: harshFaults,
    batches: usualBatches,
  }
  const deliveries = [...traffic({ world: makeWorld(random), random }, options)]
  const ledger = new Ledger()
  for (const delivery of deliveries) {
    ledger.record(sentEntry(delivery))
    acknowledge(ledger, delivery, delivery.batch ? 'batch' : 'stored')
  }
  return { ledger, rows: landed(deliveries) }
}

function acknowledge(ledger: Ledger, { number }: Delivery, outcome: AnsweredOutcome) {
  ledger.record({ kind: 'acknowledged', delivery: number, outcome, counts: {} })
}

/** As a lake would hold them: ids made where there are none, `id#hash` where one was used again. */
function landed(deliveries: readonly Delivery[]): LakeRow[] {
  const seen = new Set<string>()
  return deliveries
    .flatMap(({ events }) => events)
    .map(({ key, bytes, expected }) => {
      const bodySha256 = sha(bytes)
      if (expected === 'unreadable') return { outcome: 'dead_letter', eventId: null, bodySha256 }
      const outcome = seen.has(key) ? 'duplicate' : 'event'
      seen.add(key)
      return { outcome, eventId: laidDownAs(key), bodySha256 }
    })
}

function laidDownAs(key: string): string {
  if (key.startsWith('body/')) return sha(Buffer.from(key))
  return key.replace('/reused', '#0a1b2c')
}

function simple() {
  const ledger = new Ledger()
  const one = (number: number): Delivery => {
    const body = Buffer.from(`{"id":"e${number}"}`)
    const events = [{ key: `e${number}`, bytes: body, expected: 'event' as const }]
    return { number, source: 's', contentType: 'j', body, at: 0, batch: false, events }
  }
  const deliveries = [0, 1, 2, 3].map(one)
  for (const delivery of deliveries) ledger.record(sentEntry(delivery))
  return { ledger, deliveries, rows: landed(deliveries) }
}

test('a true lake differs in nothing, whatever was repeated, rewritten or unreadable', () => {
  const { ledger, rows } = scene()
  assert.ok(new Set(rows.map(({ outcome }) => outcome)).size === 3)
  assert.deepEqual(compareWithLake(ledger, rows), clean)
  assert.deepEqual(compareWithLake(ledger, rows.toReversed()), clean)
})

test('each row that is lost is missed, and only that one', () => {
  const { ledger, rows } = scene()
  const once = rows.filter(({ outcome }) => outcome !== 'duplicate')
  for (const lost of once.slice(0, 60)) {
    const rest = rows.filter((row) => row !== lost && row.eventId !== lost.eventId)
    const found = compareWithLake(
      ledger,
      lost.eventId === null ? rows.filter((r) => r !== lost) : rest,
    )
    assert.equal(found.missing.length, 1)
    assert.deepEqual({ ...found, missing: [] }, clean)
  }
})

test('a duplicate row does not stand in for a lost event', () => {
  const { ledger, deliveries, rows } = simple()
  for (const delivery of deliveries) acknowledge(ledger, delivery, 'stored')
  const [first, ...rest] = rows
  assert.ok(first !== undefined)
  const found = compareWithLake(ledger, [{ ...first, outcome: 'duplicate' }, ...rest])
  assert.deepEqual(found, { ...clean, missing: ['e0'] })
})

test('an event that is there twice is reported, even where its second row has other bytes', () => {
  const { ledger, rows } = scene()
  const rewritten = rows.find(
    (row) =>
      row.outcome === 'duplicate' &&
      !rows.some((one) => one.outcome === 'event' && one.bodySha256 === row.bodySha256),
  )
  const event = rows.find(({ outcome }) => outcome === 'event')
  assert.ok(rewritten !== undefined && event !== undefined)
  for (const again of [rewritten, event]) {
    const found = compareWithLake(ledger, [...rows, { ...again, outcome: 'event' }])
    assert.equal(found.repeated.length, 1)
    assert.deepEqual({ ...found, repeated: [] }, clean)
  }
})

test('a changed body is reported by its id and is not missing', () => {
  const { ledger, deliveries, rows } = simple()
  for (const delivery of deliveries) acknowledge(ledger, delivery, 'stored')
  const changed = rows.map((row) =>
    row.eventId === 'e2' ? { ...row, bodySha256: sha(Buffer.from('{"id": "e2"}')) } : row,
  )
  assert.deepEqual(compareWithLake(ledger, changed), { ...clean, bodyMismatches: ['e2'] })
})

test('a row that nobody sent is unexpected, and a note is no row of the sender', () => {
  const { ledger, rows } = simple()
  const made = { outcome: 'event', eventId: 'e9', bodySha256: sha(Buffer.from('?')) } as const
  const note = { outcome: 'note', eventId: null, bodySha256: null } as const
  assert.deepEqual(compareWithLake(ledger, [...rows, made, note]), { ...clean, unexpected: ['e9'] })
})

test('what was not acknowledged may be there or not', () => {
  const { ledger, rows } = simple()
  assert.deepEqual(compareWithLake(ledger, rows), clean)
  assert.deepEqual(compareWithLake(ledger, []), clean)
})

test('what was filtered or shed is not missed, unless it was also promised to be kept', () => {
  const { ledger, deliveries } = simple()
  const [first, second] = deliveries
  assert.ok(first !== undefined && second !== undefined)
  acknowledge(ledger, first, 'filtered')
  acknowledge(ledger, second, 'stored')
  ledger.record(sentEntry(second))
  acknowledge(ledger, second, 'shed')
  assert.deepEqual(compareWithLake(ledger, []), { ...clean, missing: ['e1'] })
})

test('of a batch that was shed in part, so many may be missing and no more', () => {
  const { deliveries } = simple()
  const events = deliveries.flatMap((delivery) => delivery.events)
  const [first] = deliveries
  assert.ok(first !== undefined)
  const ledger = new Ledger()
  ledger.record(sentEntry({ ...first, batch: true, events }))
  const counts = { stored: 2, shed: 1, filtered: 1 }
  ledger.record({ kind: 'acknowledged', delivery: first.number, outcome: 'batch', counts })
  const rows = landed(deliveries)
  assert.deepEqual(compareWithLake(ledger, rows.slice(2)), clean)
  assert.equal(compareWithLake(ledger, rows.slice(3)).missing.length, 1)
})

test('an event that lies there as a dead letter is reported as that', () => {
  const { ledger, deliveries, rows } = simple()
  for (const delivery of deliveries) acknowledge(ledger, delivery, 'stored')
  const [first, ...rest] = rows
  assert.ok(first !== undefined)
  const found = compareWithLake(ledger, [{ ...first, outcome: 'dead_letter' }, ...rest])
  assert.deepEqual(found, { ...clean, deadLettered: ['e0'] })
})
