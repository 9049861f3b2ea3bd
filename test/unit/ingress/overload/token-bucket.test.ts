import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import fc from 'fast-check'
import type { Priority } from '../../../../src/event/envelope.ts'
import { TokenBucket } from '../../../../src/ingress/overload/token-bucket.ts'

const open = (eventsPerSecond = 100, burst = 100) => new TokenBucket({ eventsPerSecond, burst }, 0)

suite('a token bucket', () => {
  test('passes a burst, then as many as its rate, and says when to come again', () => {
    const bucket = open()
    assert.equal(bucket.take(100, 'high', 0), 0)
    assert.equal(bucket.take(1, 'high', 0), 10)
    assert.equal(bucket.closedFor(0), 10)
    assert.equal(bucket.take(1, 'high', 10), 0)
    assert.equal(bucket.take(1, 'high', 10), 10)
    assert.equal(bucket.level(1e9), 100)
  })

  test('low events leave a fifth of it, normal ones a tenth', () => {
    const bucket = open()
    assert.equal(bucket.take(80, 'low', 0), 0)
    assert.equal(bucket.take(1, 'low', 0), 10)
    assert.equal(bucket.take(10, 'normal', 0), 0)
    assert.equal(bucket.take(1, 'normal', 0), 10)
    assert.equal(bucket.take(10, 'high', 0), 0)
    assert.equal(bucket.take(1, 'high', 0), 10)
  })

  test('a batch larger than it is passes when it is full, and is owed', () => {
    const bucket = open()
    assert.equal(bucket.take(1, 'high', 0), 0)
    assert.equal(bucket.take(1000, 'high', 0), 10)
    assert.equal(bucket.take(1000, 'high', 10), 0)
    assert.equal(bucket.level(10), -100)
    assert.equal(bucket.closedFor(10), 1010)
  })

  test('waiting as long as it says is enough, and no more than its rate passes', () => {
    const step = fc.record({
      wait: fc.integer({ min: 0, max: 500 }),
      events: fc.integer({ min: 1, max: 40 }),
      priority: fc.constantFrom<Priority>('high', 'normal', 'low'),
    })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const bucket = open(100, 50)
        let now = 0
        let passed = 0
        for (const { wait, events, priority } of steps) {
          now += wait
          const waitMs = bucket.take(events, priority, now)
          now += waitMs
          if (waitMs > 0) assert.equal(bucket.take(events, priority, now + 1e-6), 0)
          passed += events
          assert.ok(passed <= 50 + 0.1 * (now + 1) + 1e-3)
        }
      }),
    )
  })

  test('a flood of low events keeps no high one out', () => {
    const bucket = open(100, 100)
    for (let now = 0; now < 10_000; now += 10) {
      for (let flood = 0; flood < 20; flood++) bucket.take(1, 'low', now)
      if (now % 20 === 0) assert.equal(bucket.take(1, 'high', now), 0, `at ${now}`)
    }
  })
})
