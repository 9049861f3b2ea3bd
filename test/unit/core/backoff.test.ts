import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { backoffDelay } from '../../../src/core/backoff.ts'
import { seededRandom } from '../../../src/core/random.ts'

test('waits between half of a doubling step and all of it, and never longer than the bound', () => {
  const backoff = { baseMs: 100, maxMs: 5000 }
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 2000 }), fc.integer(), (tries, seed) => {
      const step = Math.min(5000, 100 * 2 ** (tries - 1))
      const delay = backoffDelay(backoff, tries, seededRandom(seed))
      assert.ok(delay >= step / 2 && delay <= step)
    }),
  )
})

test('spreads the waits of many who fail at the same time', () => {
  const random = seededRandom(1)
  const delays = Array.from({ length: 50 }, () =>
    backoffDelay({ baseMs: 100, maxMs: 100 }, 1, random),
  )
  assert.ok(new Set(delays).size > 45)
})
