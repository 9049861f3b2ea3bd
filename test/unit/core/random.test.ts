import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type Random, seededRandom, systemRandom } from '../../../src/core/random.ts'

const uuid4 = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

function draw(random: Random) {
  return [random.next(), random.below(1000), random.uuid(), ...random.bytes(5)]
}

test('a seed gives the same sequence, and its neighbour another', () => {
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      assert.deepEqual(draw(seededRandom(seed)), draw(seededRandom(seed)))
      assert.notDeepEqual(draw(seededRandom(seed)), draw(seededRandom(seed + 1)))
    }),
  )
})

test('draws stay within their bounds, and UUIDs are of version 4', () => {
  fc.assert(
    fc.property(fc.integer(), fc.integer({ min: 1, max: 2 ** 32 }), (seed, bound) => {
      for (const random of [seededRandom(seed), systemRandom]) {
        const found = random.next()
        assert.ok(found >= 0 && found < 1)
        const below = random.below(bound)
        assert.ok(Number.isInteger(below) && below >= 0 && below < bound)
        assert.match(random.uuid(), uuid4)
        assert.equal(random.bytes(7).length, 7)
      }
    }),
  )
})

test('draws are spread evenly', () => {
  const random = seededRandom(11)
  const counts = new Uint32Array(16)
  for (let round = 0; round < 16_000; round++) {
    const drawn = random.below(16)
    counts[drawn] = (counts[drawn] ?? 0) + 1
  }
  for (const count of counts) assert.ok(count > 800 && count < 1200, `${counts}`)
})
