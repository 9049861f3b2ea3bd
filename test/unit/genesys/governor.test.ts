import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import fc from 'fast-check'
import { type Urgency, urgencies } from '../../../src/genesys/client.ts'
import { Governor } from '../../../src/genesys/governor.ts'
import { steppedClock } from '../../support/stepped-clock.ts'

const WINDOW = 60_000

interface Turn {
  readonly at: number
  readonly urgency: Urgency
}

function mostInAWindow(times: readonly number[]): number {
  let [most, from] = [0, 0]
  for (const [index, at] of times.entries()) {
    while ((times[from] ?? at) < at - WINDOW) from++
    most = Math.max(most, index - from + 1)
  }
  return most
}

/** Lets promises that are resolved tell so. */
function told(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

suite('the governor', () => {
  test('lets no more begin in any minute than it may, and everybody in the end', async () => {
    const burst = fc.record({
      afterMs: fc.integer({ min: 0, max: 90_000 }),
      count: fc.integer({ min: 1, max: 40 }),
      urgency: fc.constantFrom(...urgencies),
      limit: fc.option(
        fc.record({
          count: fc.integer({ min: 0, max: 40 }),
          allowed: fc.integer({ min: 1, max: 60 }),
          resetMs: fc.integer({ min: 0, max: 61_000 }),
        }),
      ),
    })
    const bursts = fc.array(burst, { minLength: 1, maxLength: 12 })
    await fc.assert(
      fc.asyncProperty(bursts, fc.integer({ min: 1, max: 30 }), async (all, perMinute) => {
        const clock = steppedClock()
        const governor = new Governor({ clock }, { perMinute })
        const times: number[] = []
        let asked = 0
        for (const { afterMs, count, urgency, limit } of all) {
          await clock.advance(afterMs)
          if (limit !== null) governor.told(limit)
          asked += count
          for (let one = 0; one < count; one++)
            governor.turn(urgency).then(
              () => times.push(clock.elapsed()),
              () => assert.fail(),
            )
          await told()
        }
        // A limit that was told ends in the end; the slowest takes one a minute.
        for (let minute = 0; minute < asked + 20 && governor.waiting > 0; minute++)
          await clock.advance(WINDOW + 1000)
        await told()
        assert.equal(times.length, asked)
        assert.ok(mostInAWindow(times) <= perMinute, `${mostInAWindow(times)} of ${perMinute}`)
      }),
      { numRuns: 60, verbose: true },
    )
  })

  test('keeps the last places of a minute for the urgent', async () => {
    const clock = steppedClock()
    const governor = new Governor({ clock }, { perMinute: 10 })
    const turns: Turn[] = []
    const ask = (urgency: Urgency) =>
      governor.turn(urgency).then(
        () => void turns.push({ at: clock.elapsed(), urgency }),
        () => assert.fail(),
      )
    const all = [...Array<Urgency>(10).fill('low'), ...Array<Urgency>(3).fill('normal')].map(ask)
    const high = ask('high')
    await told()
    const count = (urgency: Urgency) => turns.filter((turn) => turn.urgency === urgency).length
    assert.deepEqual(urgencies.map(count), [1, 2, 7])
    await clock.advance(3 * WINDOW)
    await Promise.all([...all, high])
  })

  test('forgets who would not wait', async () => {
    const clock = steppedClock()
    const governor = new Governor({ clock }, { perMinute: 1 })
    await governor.turn('high')
    const impatient = new AbortController()
    const turn = governor.turn('high', impatient.signal)
    impatient.abort(new Error('enough'))
    await assert.rejects(turn, /enough/)
    assert.equal(governor.waiting, 0)
  })

  test('is closed for as long as an answer says that its limit is reached', async () => {
    const clock = steppedClock()
    const governor = new Governor({ clock }, { perMinute: 100 })
    governor.told({ count: 300, allowed: 300, resetMs: 5000 })
    const from = clock.elapsed()
    const turn = governor.turn('high')
    await clock.advance(10_000)
    await turn
    assert.equal(governor.waitedMs, 5000)
    assert.equal(clock.elapsed() - from, 10_000)
  })
})
