import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { hasCode } from '../../../../src/core/errors.ts'
import { candidatesOf } from '../../../../src/ingress/candidates.ts'
import {
  Admission,
  type AdmissionOptions,
  RETRY_AFTER,
} from '../../../../src/ingress/overload/admission.ts'
import { InFlight } from '../../../../src/ingress/overload/in-flight.ts'
import { movableClock } from '../../../support/clock.ts'

const priorities = { high: ['interaction'], low: ['agentLogin'] }

function wantedOf(body: string) {
  const wants = { recognise: { eventTypes: new Set<string>() }, filter: null, orgId: null }
  return candidatesOf(Buffer.from(body), wants, 100).wanted
}

function openStage(change: Partial<AdmissionOptions> = {}) {
  const clock = movableClock()
  const inFlight = new InFlight({
    inFlightSoftBytes: 100,
    inFlightHardBytes: 200,
    inFlightLargeBytes: 400,
    largeBodyBytes: 300,
  })
  const options = { source: 'one', priorities, rate: null, overload: 'defer', ...change } as const
  const admission = new Admission({ inFlight, clock }, options)
  /** Of a body with events of these types; `?` cannot be read. */
  const admit = (...types: string[]) => {
    const texts = types.map((type) =>
      type === '?' ? '7' : JSON.stringify({ notificationId: '1', eventType: type, data: {} }),
    )
    const wanted = wantedOf(`[${texts}]`)
    const verdict = admission.admit(wanted, { events: types.length, isPart: false })
    return typeof verdict === 'string' ? verdict : verdict.code
  }
  return { clock, inFlight, admission, admit }
}

suite('what a source may deliver', () => {
  test('without limits it is everything, up to the memory for all', () => {
    const { admission, admit } = openStage()
    admission.enter(150)
    assert.equal(admit('interaction'), 'take')
    assert.equal(admit('interaction', 'agentLogin'), 'take')
    assert.equal(admit('other'), 'take')
    assert.equal(admit('agentLogin'), 'INL_ING_IN_FLIGHT')
    assert.equal(admit('agentLogin', '?'), 'take')
    assert.throws(
      () => admission.enter(51),
      (error) => hasCode(error, 'INL_ING_IN_FLIGHT'),
    )
    admission.leave(150)
    assert.equal(admit('agentLogin'), 'take')
  })

  test('one body passes, whatever its size, and keeps only large ones out', () => {
    const { admission, inFlight, admit } = openStage()
    admission.enter(1000)
    assert.throws(() => admission.enter(301))
    admission.enter(100)
    assert.equal(inFlight.bytes, 1100)
    assert.equal(admit('agentLogin'), 'take')
    admission.leave(1000)
    admission.leave(100)
    assert.equal(inFlight.bytes, 0)
  })

  test('a large body comes in pieces while small ones fill their room', () => {
    const { admission, inFlight } = openStage()
    admission.enter(200)
    const room = inFlight.roomFor(400)
    for (let piece = 0; piece < 4; piece++) room.take(100)
    assert.throws(() => room.take(1))
    room.release(400)
    admission.leave(200)
    assert.equal(inFlight.bytes, 0)
  })

  test('low ones are shed above the soft limit where the source says so', () => {
    const { admission, admit } = openStage({ overload: 'shed' })
    admission.enter(150)
    assert.equal(admit('agentLogin'), 'shed')
    assert.equal(admit('agentLogin', 'interaction'), 'take')
  })

  test('low ones wait, or are shed, while the bucket has its reserve left', () => {
    for (const [overload, expected] of [
      ['defer', 'INL_ING_RATE'],
      ['shed', 'shed'],
    ] as const) {
      const { admit } = openStage({ overload, rate: { eventsPerSecond: 1, burst: 10 } })
      for (let n = 0; n < 8; n++) assert.equal(admit('agentLogin'), 'take')
      assert.equal(admit('agentLogin'), expected)
      assert.equal(admit('other'), 'take')
      assert.equal(admit('other'), 'INL_ING_RATE')
      assert.equal(admit('interaction'), 'take')
      assert.equal(admit('interaction'), 'INL_ING_RATE')
    }
  })

  test('an empty bucket defers a body before it is looked into, and says for how long', () => {
    const { admission, admit, clock } = openStage({ rate: { eventsPerSecond: 0.5, burst: 1 } })
    assert.equal(admit('interaction'), 'take')
    assert.throws(
      () => admission.enter(1),
      (error) => hasCode(error, 'INL_ING_RATE') && error.details[RETRY_AFTER] === 2,
    )
    clock.advance(2000)
    admission.enter(1)
    assert.equal(admission.level, 1)
  })

  test('a body with nothing to keep is charged and passes', () => {
    const { admission } = openStage({ rate: { eventsPerSecond: 1, burst: 10 } })
    assert.equal(admission.admit([], { events: 8, isPart: false }), 'take')
    assert.equal(admission.admit([], { events: 8, isPart: false }), 'take')
    assert.equal(admission.level, -6)
  })

  test('a part of a delivery that has begun is owed rather than deferred', () => {
    const { admission } = openStage({ rate: { eventsPerSecond: 1, burst: 10 } })
    const wanted = wantedOf('{"a":1}')
    for (let n = 0; n < 15; n++)
      assert.equal(admission.admit(wanted, { events: 1, isPart: true }), 'take')
    assert.equal(admission.level, -5)
    assert.throws(() => admission.enter(1))
  })
})
