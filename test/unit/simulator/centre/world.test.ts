import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { seededRandom } from '../../../../src/core/random.ts'
import { invent } from '../../../../src/simulator/centre/people.ts'
import { makeWorld } from '../../../../src/simulator/centre/world.ts'

test('the same seed makes the same organisation', () => {
  assert.deepEqual(makeWorld(seededRandom(5)), makeWorld(seededRandom(5)))
})

test('an organisation of any size has what was asked for, and agents in every queue', () => {
  const size = fc.record({
    queues: fc.integer({ min: 1, max: 30 }),
    agents: fc.integer({ min: 1, max: 30 }),
  })
  fc.assert(
    fc.property(size, (wanted) => {
      const world = makeWorld(seededRandom(1), wanted)
      assert.equal(world.queues.length, wanted.queues)
      assert.equal(world.agents.length, wanted.agents)
      assert.ok(world.queues.every(({ agents }) => agents.length > 0))
      assert.equal(new Set(world.queues.map(({ name }) => name)).size, wanted.queues)
    }),
  )
})

test('nobody who is invented can be reached', () => {
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      const { phone, email } = invent(seededRandom(seed))
      assert.match(phone, /^\+1[2-9]\d\d55501\d\d$/)
      assert.match(email, /^[^@]+@example\.com$/)
    }),
  )
})
