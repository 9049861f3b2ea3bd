import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import type { Measured } from '../../../src/observe/metrics.ts'
import { readFamilies } from '../../../src/ops/families.ts'
import { openWatch } from '../../../src/ops/watch.ts'
import { movableClock } from '../../support/clock.ts'
import { toldMetrics } from '../../support/told-metrics.ts'

const MINUTE_MS = 60_000

/** Gateways that have counted what a test says. */
function openStage() {
  const clock = movableClock()
  const said: [string, unknown][] = []
  const gateways = new Map<string, Counted>()
  let started = 0
  const of = (name: string) => {
    const known = gateways.get(name) ?? {
      stored: 0,
      duplicate: 0,
      lastEventAt: 0,
      startedAt: started++,
    }
    gateways.set(name, known)
    return known
  }
  const read = () =>
    Promise.all([...gateways].map(([process, counts]) => familiesOf(process, counts)))
  const watch = openWatch(
    { clock, read, observer: (event, fields) => void said.push([event, fields]) },
    {
      ...{ sources: ['prod'], silentAfterMs: 10 * MINUTE_MS },
      ...{ redeliveryRate: 0.1, redeliveryWindowMs: 10 * MINUTE_MS },
    },
  )
  return {
    clock,
    said,
    watch,
    gateways,
    async deliver(name: string, stored: number, duplicate = 0) {
      const gateway = of(name)
      gateway.stored += stored
      gateway.duplicate += duplicate
      gateway.lastEventAt = clock.now()
      await watch.look()
    },
    async pass(minutes: number) {
      for (let minute = 0; minute < minutes; minute++) {
        clock.advance(MINUTE_MS)
        await watch.look()
      }
    },
  }
}

interface Counted {
  stored: number
  duplicate: number
  lastEventAt: number
  readonly startedAt: number
}

function familiesOf(process: string, counts: Counted) {
  const source = 'prod'
  const measured: Measured = {
    measure(reading) {
      for (const outcome of ['stored', 'duplicate'] as const)
        reading.number('inlet_events_total', counts[outcome], { source, outcome })
      reading.number('inlet_process_start_timestamp_seconds', counts.startedAt, {})
      const lastEventAt = counts.lastEventAt / 1000
      reading.number('inlet_source_last_event_timestamp_seconds', lastEventAt, { source })
    },
  }
  return readFamilies([measured], { process, sources: [source] })
}

const silent = 'inlet_alert source=prod reason=silent'
const redelivery = 'inlet_alert source=prod reason=redelivery'

suite('watching sources', () => {
  test('a source that never delivers is silent from the start, and told of once', async () => {
    const { said, watch, pass } = openStage()
    await pass(9)
    assert.deepEqual(said, [])
    assert.equal(toldMetrics(watch)[silent], 0)
    await pass(20)
    assert.deepEqual(said, [['source_silent', { source: 'prod', seconds: 600 }]])
    assert.equal(toldMetrics(watch)[silent], 1)
  })

  test('one that is heard again is told of with how long it was silent', async () => {
    const { said, watch, pass, deliver } = openStage()
    await deliver('gateway', 1)
    await pass(25)
    await deliver('gateway', 1)
    assert.deepEqual(said, [
      ['source_silent', { source: 'prod', seconds: 600 }],
      ['source_heard_again', { source: 'prod', seconds: 1500 }],
    ])
    assert.equal(toldMetrics(watch)[silent], 0)
    await pass(10)
    assert.equal(said.length, 3)
  })

  test('one that any gateway hears is not silent, nor when a gateway begins anew', async () => {
    const { said, pass, deliver, gateways } = openStage()
    for (let n = 0; n < 5; n++) {
      await deliver('gateway-0', 1)
      await pass(5)
      await deliver('gateway-1', 1)
      await pass(5)
      gateways.delete('gateway-1')
    }
    assert.deepEqual(said, [])
  })

  test('too many deliveries again are told of, and when it is over', async () => {
    const { said, watch, deliver, pass } = openStage()
    await deliver('gateway', 60, 20)
    assert.deepEqual(said, [], 'a few tell nothing')
    await deliver('gateway', 60, 20)
    assert.deepEqual(said, [['source_repeats', { source: 'prod', rate: 0.25 }]])
    assert.equal(toldMetrics(watch)[redelivery], 1)
    assert.equal(toldMetrics(watch)['inlet_source_redelivery_ratio source=prod'], 0.25)
    await pass(5)
    await deliver('gateway', 1000)
    assert.deepEqual(said.slice(1), [['source_repeats_no_more', { source: 'prod', rate: 0.034 }]])
    await pass(9)
    assert.equal(toldMetrics(watch)['inlet_source_redelivery_ratio source=prod'], 0)
  })

  test('counts of a gateway that began anew are not taken for fewer', async () => {
    const { said, watch, deliver, gateways } = openStage()
    await deliver('gateway', 1000, 50)
    gateways.delete('gateway')
    await deliver('gateway', 100, 50)
    const ratio = toldMetrics(watch)['inlet_source_redelivery_ratio source=prod'] ?? 0
    assert.equal(ratio.toFixed(4), (100 / 1200).toFixed(4))
    assert.deepEqual(said, [])
  })
})
