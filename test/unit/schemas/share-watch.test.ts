import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import fc from 'fast-check'
import { MOST_KEYS, ShareWatch } from '../../../src/schemas/share-watch.ts'

const minute = 60_000
const plain = { most: 0.01, windowMs: 10 * minute, onlyTurns: false }
const share = (all: number, amiss: number, key = 'a') => ({ key, all, amiss })

suite('a watch over shares', () => {
  test('tells of one that is too large, and when it no longer is, once each', () => {
    const watch = new ShareWatch(plain)
    assert.deepEqual(watch.look([share(1000, 10)], 0), [])
    const raised = { key: 'a', raised: true, share: 0.011 }
    assert.deepEqual(watch.look([share(1000, 12)], minute), [raised])
    assert.deepEqual(watch.look([share(1000, 12)], 2 * minute), [])
    assert.equal(watch.raised, 1)
    const over = { key: 'a', raised: false, share: 0.009 }
    assert.deepEqual(watch.look([share(700, 0)], 3 * minute), [over])
    assert.equal(watch.raised, 0)
  })

  test('says nothing of too few', () => {
    const watch = new ShareWatch(plain)
    assert.deepEqual(watch.look([share(99, 99)], 0), [])
    assert.deepEqual(watch.look([share(1, 0)], 1), [{ key: 'a', raised: true, share: 0.99 }])
  })

  test('forgets what lies behind the window, also where nothing comes', () => {
    const watch = new ShareWatch(plain)
    watch.look([share(1000, 500)], 0)
    assert.deepEqual(watch.look([], 9 * minute), [])
    assert.deepEqual(watch.look([], 10 * minute), [{ key: 'a', raised: false, share: 0 }])
  })

  test('of turns, tells only where it was fine before', () => {
    const watch = new ShareWatch({ ...plain, onlyTurns: true })
    assert.deepEqual(watch.look([share(2000, 1000, 'optional'), share(2000, 0)], 0), [])
    const later = [share(200, 150, 'optional'), share(200, 10)]
    assert.deepEqual(watch.look(later, 11 * minute), [{ key: 'a', raised: true, share: 0.05 }])
  })

  test('of turns, does not take what is amiss for usual', () => {
    const watch = new ShareWatch({ ...plain, onlyTurns: true })
    watch.look([share(2000, 0)], 0)
    let changes = 0
    for (let at = 11; at < 100; at++) changes += watch.look([share(200, 100)], at * minute).length
    assert.deepEqual([changes, watch.raised], [1, 1])
    assert.deepEqual(watch.look([share(100_000, 0)], 100 * minute), [
      { key: 'a', raised: false, share: 0.009 },
    ])
  })

  test('watches as many keys as are allowed, and no more', () => {
    const watch = new ShareWatch(plain)
    const many = Array.from({ length: MOST_KEYS + 5 }, (_, at) => share(100, 100, `key${at}`))
    assert.equal(watch.look(many, 0).length, MOST_KEYS)
  })

  test('tells beginnings and ends in turn, whatever comes', () => {
    const step = fc.record({
      all: fc.nat({ max: 500 }),
      bad: fc.nat({ max: 500 }),
      wait: fc.nat({ max: 15 }),
      key: fc.constantFrom('a', 'b'),
    })
    fc.assert(
      fc.property(fc.array(step), fc.boolean(), (steps, onlyTurns) => {
        const watch = new ShareWatch({ ...plain, onlyTurns })
        const raised = new Map<string, boolean>()
        let now = 0
        for (const { all, bad, wait, key } of steps) {
          now += wait * minute
          for (const change of watch.look([share(all, Math.min(all, bad), key)], now)) {
            assert.notEqual(change.raised, raised.get(change.key) ?? false)
            raised.set(change.key, change.raised)
          }
          assert.equal(watch.raised, [...raised.values()].filter((one) => one).length)
        }
      }),
    )
  })
})
