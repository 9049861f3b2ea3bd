import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { seededRandom } from '../../../src/core/random.ts'
import type { JsonObject } from '../../../src/event/json.ts'
import { ObjectView, viewJson } from '../../../src/event/json-view.ts'
import { decide, isLacking, type Known } from '../../../src/reconcile/decide.ts'
import { factsOf, type RecordFacts } from '../../../src/reconcile/record.ts'
import { tellConversation } from '../../../src/simulator/centre/conversation.ts'
import { makeWorld } from '../../../src/simulator/centre/world.ts'
import { detailRecord } from '../../../src/simulator/render/conversation-detail.ts'

const random = seededRandom(3)
const world = makeWorld(random)
const startAt = Date.parse('2026-03-01T09:00:00Z')
const conversation = tellConversation({ world, random }, { startAt })
const whole = detailRecord(conversation, 'division')

function facts(record: JsonObject): RecordFacts {
  const bytes = Buffer.from(JSON.stringify(record))
  const view = viewJson(bytes)
  assert.ok(view instanceof ObjectView)
  return factsOf(view, bytes) ?? assert.fail('no record')
}

/** A lake that was told as much as the record says. */
function told(record: RecordFacts, more: Partial<Known> = {}): Known {
  const { steps, figures } = record
  const known = { steps, figures, records: new Set<string>() }
  return { ...known, isSettled: null, hasDeadLetters: false, ...more }
}

const nothing = { steps: new Set<string>(), figures: { wait: 0, talk: 0, hold: 0, acw: 0 } }

suite('what a record is beside what the lake knows', () => {
  const record = facts(whole)

  test('is present where events tell as much', () => {
    assert.equal(decide(record, told(record)), 'present')
  })

  test('is missing where nothing is known of it, or no more than a dead letter', () => {
    assert.equal(decide(record, undefined), 'missing')
    assert.equal(decide(record, told(record, { ...nothing, hasDeadLetters: true })), 'missing')
  })

  test('is incomplete without any one of its steps', () => {
    for (const step of record.steps) {
      const steps = new Set([...record.steps].filter((one) => one !== step))
      assert.equal(decide(record, told(record, { steps })), 'incomplete', step)
    }
    assert.ok(record.steps.size > 3)
  })

  test('is incomplete where events tell of other times, or one of them is a dead letter', () => {
    const figures = { ...record.figures, talk: record.figures.talk + 1 }
    assert.equal(decide(record, told(record, { figures })), 'incomplete')
    assert.equal(decide(record, told(record, { hasDeadLetters: true })), 'incomplete')
  })

  test('is changed where another record of it is known, and present once that is this', () => {
    const corrected = facts({ ...whole, externalTag: 'corrected' })
    const known = told(record, { records: new Set([record.eventId]), hasDeadLetters: true })
    assert.equal(decide(record, known), 'present')
    assert.equal(decide(corrected, known), 'changed')
    const both = new Set([record.eventId, corrected.eventId])
    assert.equal(decide(corrected, { ...known, records: both }), 'present')
  })

  test('is present as a job tells it, with attributes, where the query has told it', () => {
    const [first = assert.fail(), ...rest] = whole['participants'] as readonly JsonObject[]
    const participants = [{ ...first, attributes: { vip: 'yes', score: 1.5 } }, ...rest]
    const asked = facts({ ...whole, participants })
    assert.notEqual(asked.eventId, record.eventId)
    assert.deepEqual([asked.queriedId, record.queriedId], [record.eventId, null])
    const records = new Set([record.eventId])
    assert.equal(decide(asked, told(record, { records })), 'present')
    const corrected = facts({ ...whole, participants, externalTag: 'corrected' })
    assert.equal(decide(corrected, told(record, { records })), 'changed')
  })

  test('is left alone while it goes on, unless nothing is known of it', () => {
    const { conversationEnd: _, ...open } = whole
    assert.equal(decide(facts(open), told(record)), 'open')
    assert.equal(decide(facts(open), told(record, { records: new Set(['other']) })), 'open')
    assert.equal(decide(facts(open), undefined), 'missing')
  })

  test('is present where a webhook told its end, and incomplete where none did yet', () => {
    assert.equal(decide(record, told(record, { ...nothing, isSettled: true })), 'present')
    assert.equal(decide(record, told(record, { ...nothing, isSettled: false })), 'incomplete')
  })

  test('the order of its fields and its whitespace change nothing', () => {
    const reversed = Object.fromEntries(Object.entries(whole).toReversed())
    const bytes = Buffer.from(JSON.stringify(reversed, null, 1))
    const view = viewJson(bytes)
    assert.ok(view instanceof ObjectView)
    assert.deepEqual(factsOf(view, bytes), record)
  })

  test('only what is missing, incomplete or changed is fetched', () => {
    const all = ['present', 'open', 'missing', 'incomplete', 'changed'] as const
    assert.deepEqual(all.filter(isLacking), ['missing', 'incomplete', 'changed'])
  })
})
