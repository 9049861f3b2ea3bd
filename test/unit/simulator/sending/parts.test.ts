import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { readAnswer } from '../../../../src/simulator/sending/answer.ts'
import {
  eventBridgeDestination,
  guideWebhook,
  judge,
  retryAfterMs,
} from '../../../../src/simulator/sending/contract.ts'
import { Histogram } from '../../../../src/simulator/sending/histogram.ts'
import { type Pace, Pacer } from '../../../../src/simulator/sending/pacer.ts'
import { movableClock } from '../../../support/clock.ts'

test('a quantile is within three percent of the exact one, and never above the longest', () => {
  const durations = fc.array(fc.double({ min: 0.002, max: 100_000, noNaN: true }), { minLength: 1 })
  const share = fc.constantFrom(0.01, 0.5, 0.99, 1)
  fc.assert(
    fc.property(durations, share, (times, wanted) => {
      const histogram = new Histogram()
      for (const ms of times) histogram.record(ms)
      const sorted = times.toSorted((a, b) => a - b)
      const exact = sorted[Math.ceil(wanted * times.length) - 1] ?? 0
      const found = histogram.quantile(wanted)
      assert.ok(found >= exact * 0.999 && found <= exact * 1.03, `${found} for ${exact}`)
      assert.equal(histogram.longest, sorted.at(-1))
      assert.equal(histogram.count, times.length)
    }),
  )
})

test('an empty histogram says nothing', () => {
  assert.equal(new Histogram().quantile(0.99), 0)
})

test('Retry-After is read as seconds or as a date, and otherwise passed over', () => {
  const now = Date.UTC(2026, 0, 1)
  assert.equal(retryAfterMs('5', now), 5000)
  assert.equal(retryAfterMs('Thu, 01 Jan 2026 00:00:30 GMT', now), 30_000)
  assert.equal(retryAfterMs('Thu, 01 Jan 2015 00:00:30 GMT', now), 0)
  assert.equal(retryAfterMs('soon', now), 0)
  assert.equal(retryAfterMs(null, now), 0)
})

test('any 2xx is an acknowledgement under both contracts', () => {
  for (const contract of [guideWebhook, eventBridgeDestination]) {
    for (const status of [200, 201, 202, 204]) {
      const attempt = { kind: 'answered', status, retryAfter: null, text: '' } as const
      assert.equal(judge(contract, attempt), 'acknowledged')
    }
  }
})

test('an answer that says nothing known is taken as accepted', () => {
  assert.deepEqual(readAnswer('{"outcome":"duplicate"}'), { outcome: 'duplicate', counts: {} })
  assert.deepEqual(readAnswer('{"outcome":"batch","stored":3,"x":"y"}'), {
    outcome: 'batch',
    counts: { stored: 3 },
  })
  for (const text of ['', 'OK', '[]', '{"outcome":"lost"}']) {
    assert.deepEqual(readAnswer(text), { outcome: 'accepted', counts: {} })
  }
})

function delivery(at: number, bodies: number) {
  const events = Array.from({ length: bodies }, () => ({
    key: 'k',
    bytes: Buffer.alloc(0),
    expected: 'event' as const,
  }))
  const body = Buffer.alloc(0)
  return { number: 0, source: 's', contentType: '', body, at, batch: bodies > 1, events }
}

async function dueTimes(pace: Pace, turns: readonly ReturnType<typeof delivery>[]) {
  const clock = movableClock(0)
  const pacer = new Pacer(clock, pace)
  const { signal } = new AbortController()
  const times: number[] = []
  for (const turn of turns) {
    await pacer.turn(turn, signal)
    times.push(clock.elapsed())
  }
  return times
}

test('a rate counts bodies, not requests', async () => {
  const turns = [delivery(0, 1), delivery(0, 5), delivery(0, 1), delivery(0, 1)]
  const times = await dueTimes({ kind: 'rate', perSecond: 100 }, turns)
  assert.deepEqual(times, [0, 10, 60, 70])
})

test('who has fallen behind a rate catches up', async () => {
  const clock = movableClock(0)
  const pacer = new Pacer(clock, { kind: 'rate', perSecond: 10 })
  const { signal } = new AbortController()
  clock.advance(1000)
  for (let turn = 0; turn < 10; turn++) await pacer.turn(delivery(0, 1), signal)
  assert.equal(clock.elapsed(), 1000)
  await pacer.turn(delivery(0, 1), signal)
  await pacer.turn(delivery(0, 1), signal)
  assert.equal(clock.elapsed(), 1100)
})

test('simulated time passes as fast as is asked for', async () => {
  const turns = [delivery(5000, 1), delivery(8000, 1), delivery(8000, 1)]
  assert.deepEqual(await dueTimes({ kind: 'simulated', speed: 10 }, turns), [0, 300, 300])
  assert.deepEqual(await dueTimes({ kind: 'flat-out' }, turns), [0, 0, 0])
})
