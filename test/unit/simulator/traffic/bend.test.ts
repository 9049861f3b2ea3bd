import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { seededRandom } from '../../../../src/core/random.ts'
import { isObject } from '../../../../src/event/json.ts'
import {
  bendPayload,
  nulled,
  numberAsText,
  retyped,
  withUnseenField,
} from '../../../../src/simulator/traffic/bend.ts'

const payload = { id: 'e1', body: { id: 'c1', talk: 5, name: 'Ada', metrics: { held: 3 } } }
const pliable = { path: ['body'], fixed: new Set(['id']) }

function bent(bend: typeof nulled, seed: number) {
  return bendPayload(payload, bend, { pliable, random: seededRandom(seed) })
}

test('what is fixed, and what lies outside of the pliable part, stays as it is', () => {
  const bends = fc.constantFrom(nulled, withUnseenField, numberAsText, retyped)
  fc.assert(
    fc.property(bends, fc.integer(), (bend, seed) => {
      const { id, body } = bent(bend, seed)
      assert.equal(id, 'e1')
      assert.ok(isObject(body))
      assert.equal(body['id'], 'c1')
      assert.notDeepEqual(body, payload.body)
    }),
  )
})

test('a number becomes the text of itself, also one level down', () => {
  const seen = new Set(
    Array.from({ length: 50 }, (_, seed) => JSON.stringify(bent(numberAsText, seed))),
  )
  assert.deepEqual(
    seen,
    new Set([
      JSON.stringify({ ...payload, body: { ...payload.body, talk: '5' } }),
      JSON.stringify({ ...payload, body: { ...payload.body, metrics: { held: '3' } } }),
    ]),
  )
})

test('a payload without a number, or without a pliable part, is left alone', () => {
  const how = { pliable, random: seededRandom(1) }
  for (const value of [{ body: { name: 'Ada' } }, { body: null }, {}]) {
    assert.deepEqual(bendPayload(value, numberAsText, how), value)
  }
})
