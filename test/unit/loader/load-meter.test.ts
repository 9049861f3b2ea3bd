/** What is counted of what landed: how long events were on their way to Inlet. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LoadMeter } from '../../../src/loader/load-meter.ts'
import type { Histogram } from '../../../src/observe/histogram.ts'
import type { Arrival } from '../../../src/tables/arrivals.ts'
import { event, NOON } from '../../support/deliveries.ts'
import { arrival } from '../../support/lake.ts'
import { openLanding } from '../../support/loader.ts'
import { toldMetrics } from '../../support/told-metrics.ts'

function latencies(meter: LoadMeter): Map<string, Histogram> {
  const found = new Map<string, Histogram>()
  meter.measure({
    number: () => undefined,
    histogram(name, values, labels) {
      if (name === 'inlet_event_latency_seconds') found.set(Object.values(labels).join(), values)
    },
  })
  return found
}

/** Happened at noon, and came `ms` later. */
const after = (ms: number, changes: Partial<Arrival> = {}) =>
  arrival(0, { eventTime: NOON, receivedAt: NOON + ms, ...changes })

test('the time from an event to its receipt is counted by source, in seconds', () => {
  const meter = new LoadMeter()
  meter.landed([after(400), after(2000), after(9000, { source: 'other' })], NOON + 60_000)
  const told = latencies(meter)
  assert.deepEqual([...told.keys()], ['genesys-prod', 'other'])
  assert.equal(told.get('genesys-prod')?.sum, 2.4)
  assert.equal(told.get('other')?.sum, 9)
})

test('what its clock puts ahead of the receipt counts as 0, apart from all that is later', () => {
  const meter = new LoadMeter()
  meter.landed([after(-3_600_000), after(-1), after(1)], NOON)
  const latency = latencies(meter).get('genesys-prod')
  assert.deepEqual(latency?.bounds.slice(0, 2), [0, 0.1])
  assert.deepEqual(latency?.cumulative().slice(0, 2), [2, 3])
  assert.equal(latency?.sum, 0.001)
})

test('what has no time of its own, came before or was fetched says nothing of the way', () => {
  const meter = new LoadMeter()
  meter.landed(
    [
      after(0, { eventTimeSource: 'received_at' }),
      after(5, { outcome: 'duplicate' }),
      after(5, { outcome: 'dead_letter' }),
      after(5, { outcome: 'note', source: null, eventTime: null, eventTimeSource: null }),
      ...['operator', 'replay', 'import', 'reconcile'].map((journalPartition) =>
        after(5, { journalPartition }),
      ),
      after(5, { journalPartition: 'channels' }),
    ],
    NOON,
  )
  assert.equal(latencies(meter).get('genesys-prod')?.cumulative().at(-1), 1)
})

test('the loader counts it as it lands', async () => {
  const landing = await openLanding()
  try {
    const changes = { receivedAt: NOON + 700, eventTimeSource: 'timestamp' }
    const first = event('a', '{}', changes)
    await landing.land([first, first, event('b', '{}', { ...changes, source: 'second' })])
    const told = toldMetrics(landing)
    assert.equal(told['inlet_event_latency_seconds source=test'], 1)
    assert.equal(told['inlet_event_latency_seconds source=second'], 1)
  } finally {
    await landing.dispose()
  }
})
