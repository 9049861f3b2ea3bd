import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import { createSeenCache } from '../../../src/dedup/seen-cache.ts'

const sha = (text: string | number) => createHash('sha256').update(String(text)).digest()

test('what was added is found at its position, in its scope only', () => {
  const cache = createSeenCache({ maxBytes: 2 ** 20 })
  cache.scope('a').add(sha(1), 0, 7)
  assert.equal(cache.scope('a').find(sha(1), 0), 7)
  assert.equal(cache.scope('b').find(sha(1), 0), null)
  assert.equal(cache.scope('a').find(sha(2), 0), null)
  cache.scope('b').add(sha(1), 0, 9)
  assert.equal(cache.scope('a').find(sha(1), 0), 7)
  assert.equal(cache.scope('b').find(sha(1), 0), 9)
})

test('the first position of what is added twice stays', () => {
  const scope = createSeenCache({ maxBytes: 2 ** 16 }).scope('a')
  scope.add(sha(1), 0, 3)
  scope.add(sha(1), 0, 8)
  assert.equal(scope.find(sha(1), 0), 3)
})

test('position 0 and positions beyond 32 bits are kept exactly', () => {
  const scope = createSeenCache({ maxBytes: 2 ** 16 }).scope('a')
  for (const position of [0, 2 ** 32 - 1, 2 ** 32, 2 ** 47 + 12_345]) {
    scope.add(sha(position), 0, position)
    assert.equal(scope.find(sha(position), 0), position)
  }
})

test('nothing is ever found that was not added, whatever was forgotten', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 4000 }),
      fc.array(fc.tuple(fc.nat({ max: 60 }), fc.constantFrom('a', 'b')), { maxLength: 200 }),
      (maxBytes, operations) => {
        const cache = createSeenCache({ maxBytes })
        const added = new Map<string, Set<number>>()
        for (const [position, [content, name]] of operations.entries()) {
          const key = `${name}${content}`
          const found = cache.scope(name).find(sha(content), 0)
          assert.ok(found === null || added.get(key)?.has(found))
          cache.scope(name).add(sha(content), 0, position)
          assert.ok(cache.scope(name).find(sha(content), 0) !== null)
          added.set(key, (added.get(key) ?? new Set()).add(position))
        }
      },
    ),
  )
})

test('of the newest half of what fits, nearly all are still there', () => {
  const slots = 4 * 256
  const scope = createSeenCache({ maxBytes: slots * 40 }).scope('a')
  for (let n = 0; n < 10 * slots; n++) scope.add(sha(n), 0, n)
  let found = 0
  for (let n = 9.5 * slots; n < 10 * slots; n++) if (scope.find(sha(n), 0) === n) found++
  assert.ok(found / (slots / 2) > 0.95, `${found} of ${slots / 2}`)
})

test('a word that two hashes share does not make them one', () => {
  const scope = createSeenCache({ maxBytes: 2 ** 16 }).scope('a')
  const hash = sha(1)
  scope.add(hash, 0, 5)
  for (let byte = 0; byte < 32; byte++) {
    const other = Buffer.from(hash)
    other[byte] = (other[byte] ?? 0) ^ 0x80
    assert.equal(scope.find(other, 0), null)
  }
})
