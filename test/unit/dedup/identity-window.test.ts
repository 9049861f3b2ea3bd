import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { identityKey } from '../../../src/dedup/identity-key.ts'
import { IdentityTable, type Remembered } from '../../../src/dedup/identity-table.ts'
import { IdentityWindow } from '../../../src/dedup/identity-window.ts'

const DAY = 86_400_000
const NOON = Date.UTC(2026, 0, 10, 12)

function remembered(change: Partial<Remembered> = {}): Remembered {
  return { bodyHash: [1, 2], receivedAt: NOON, position: 7, partition: 0, ...change }
}

test('a table gives back what was put into it last, whatever the keys', () => {
  const word = fc.nat(0xffffffff)
  const key = fc.tuple(fc.nat(5), word, word)
  const value = fc.record({
    bodyHash: fc.tuple(word, word),
    receivedAt: fc.nat(4_000_000_000).map((seconds) => seconds * 1000),
    position: fc.integer({ min: 0, max: 2 ** 48 - 1 }),
    partition: fc.nat(65_533),
  })
  fc.assert(
    fc.property(fc.array(fc.tuple(key, value), { maxLength: 200 }), (entries) => {
      const table = new IdentityTable()
      const model = new Map<string, Remembered>()
      for (const [at, remember] of entries) {
        table.set(at, remember)
        model.set(at.join(), remember)
      }
      assert.equal(table.size, model.size)
      for (const [at] of entries) assert.deepEqual(table.get(at), { ...model.get(at.join()) })
      assert.equal(table.get([9, 9, 9]), null)
    }),
  )
})

test('a key takes 32 bytes, and the table is at most 70 % full', () => {
  const table = new IdentityTable()
  for (let n = 0; n < 10_000; n++) table.set(identityKey('s', `id-${n}`), remembered())
  assert.equal(table.size, 10_000)
  assert.equal(table.bytes, 2 ** 14 * 32)
})

test('a window remembers its span and says what it covers', () => {
  const window = new IdentityWindow({ span: 5 * DAY, maxBytes: 2 ** 26 })
  const old = identityKey('s', 'old')
  window.set(old, remembered({ receivedAt: NOON }))
  window.advance(NOON + 4 * DAY)
  assert.notEqual(window.get(old), null)
  assert.equal(window.coversSince, Number.NEGATIVE_INFINITY)
  window.set(identityKey('s', 'recent'), remembered({ receivedAt: NOON + 7 * DAY }))
  window.advance(NOON + 8 * DAY)
  assert.equal(window.get(old), null)
  assert.notEqual(window.get(identityKey('s', 'recent')), null)
  assert.ok(window.coversSince > NOON && window.coversSince <= NOON + 3 * DAY)
})

test('a full window lets go of the oldest, and covers what it says', () => {
  const maxBytes = 2 ** 20
  const window = new IdentityWindow({ span: 5 * DAY, maxBytes })
  const times = Array.from({ length: 60_000 }, (_, n) => NOON + n * 6000)
  for (const [n, receivedAt] of times.entries()) {
    window.set(identityKey('s', `id-${n}`), remembered({ receivedAt, position: n }))
    assert.ok(window.bytes <= maxBytes)
  }
  assert.ok(window.coversSince > NOON)
  for (const [n, receivedAt] of times.entries()) {
    const found = window.get(identityKey('s', `id-${n}`))
    if (receivedAt >= window.coversSince) assert.equal(found?.position, n)
  }
})

test('one slice that alone takes everything begins anew, and covers from there', () => {
  const window = new IdentityWindow({ span: 5 * DAY, maxBytes: 2 ** 17 })
  for (let n = 0; n < 20_000; n++) {
    window.set(identityKey('s', `id-${n}`), remembered({ receivedAt: NOON + n, position: n }))
    assert.ok(window.bytes <= 2 ** 17)
  }
  const covered = Array.from({ length: 20_000 }, (_, n) => n).filter(
    (n) => NOON + n >= window.coversSince,
  )
  assert.ok(covered.length > 0 && covered.length < 20_000)
  // A second is the grain of what is remembered.
  for (const n of covered) assert.equal(window.get(identityKey('s', `id-${n}`))?.position, n)
})

test('a full slice that held later times than what filled it covers from behind the last', () => {
  const window = new IdentityWindow({ span: 5 * DAY, maxBytes: 2 ** 16 })
  const key = (n: number) => identityKey('s', `id-${n}`)
  const late = NOON + 3600_000
  window.set(key(-1), remembered({ receivedAt: late }))
  let n = 0
  while (window.get(key(-1)) !== null)
    window.set(key(n), remembered({ receivedAt: NOON, position: n++ }))
  assert.equal(window.coversSince, late)
  assert.equal(window.get(key(n - 1)), null)
  window.set(key(n), remembered({ receivedAt: late + 1000, position: n }))
  assert.equal(window.get(key(n))?.position, n)
})

test('a window of any size finds all that it says it covers, however times jump', () => {
  const time = fc.oneof(fc.nat(10), fc.nat(DAY), fc.nat(9 * DAY))
  const bursts = fc.array(fc.tuple(time, fc.integer({ min: 1, max: 900 })), { maxLength: 12 })
  fc.assert(
    fc.property(bursts, fc.integer({ min: 40_000, max: 200_000 }), (steps, maxBytes) => {
      const window = new IdentityWindow({ span: 5 * DAY, maxBytes })
      window.expect(maxBytes)
      const times: number[] = []
      let covered = window.coversSince
      for (const [offset, count] of steps) {
        for (let more = 0; more < count; more++) {
          const receivedAt = NOON + offset
          window.set(
            identityKey('s', `id-${times.length}`),
            remembered({ receivedAt, position: times.length }),
          )
          times.push(receivedAt)
        }
        assert.ok(window.bytes <= maxBytes)
        assert.ok(window.coversSince >= covered)
        covered = window.coversSince
      }
      for (const [n, receivedAt] of times.entries()) {
        if (receivedAt <= covered) continue
        assert.equal(window.get(identityKey('s', `id-${n}`))?.position, n)
      }
    }),
    { numRuns: 60 },
  )
})

test('what is older than the window covers is not remembered', () => {
  const window = new IdentityWindow({ span: DAY, maxBytes: 2 ** 20 })
  window.startAt(NOON)
  window.set(identityKey('s', 'a'), remembered({ receivedAt: NOON - 1 }))
  assert.equal(window.get(identityKey('s', 'a')), null)
})

test('a partition keeps its number', () => {
  const window = new IdentityWindow({ span: DAY, maxBytes: 2 ** 20 })
  assert.equal(window.partitionIndex('j', 'gateway-0'), 0)
  assert.equal(window.partitionIndex('j', 'gateway-1'), 1)
  assert.equal(window.partitionIndex('k', 'gateway-0'), 2)
  assert.equal(window.partitionIndex('j', 'gateway-1'), 1)
  assert.deepEqual(window.partitionOf(2), { journalId: 'k', partition: 'gateway-0' })
})
