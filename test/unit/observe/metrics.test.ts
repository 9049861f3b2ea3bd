import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { limitTable } from '../../../src/ingress/limit-table.ts'
import { deferralReasons } from '../../../src/ingress/overload/deferral.ts'
import { Histogram } from '../../../src/observe/histogram.ts'
import { type MetricEntry, metricCatalogue, refusalReasons } from '../../../src/observe/metrics.ts'

suite('metrics', () => {
  test('a histogram counts a value at the end of its bucket in it, and what is above all', () => {
    const histogram = new Histogram([1, 5])
    for (const value of [0.5, 1, 1.5, 5, 6]) histogram.observe(value)
    assert.deepEqual(histogram.cumulative(), [2, 4, 5])
    assert.equal(histogram.sum, 14)
  })

  test('every limit of the door that refuses is counted by a reason of its own metric', () => {
    const reasons: readonly string[] = refusalReasons
    for (const { reason } of Object.values(limitTable))
      assert.ok(reason === null || reasons.includes(reason), String(reason))
    for (const reason of deferralReasons) assert.ok(reasons.includes(reason), reason)
  })

  test('names tell what is counted and in which unit, last', () => {
    for (const [name, entry] of Object.entries<MetricEntry>(metricCatalogue)) {
      assert.match(name, /^inlet_[a-z_]+$/)
      assert.equal(entry.type === 'counter', name.endsWith('_total'), name)
      assert.equal(entry.type === 'histogram', entry.bounds !== undefined, name)
      assert.match(entry.help, /^[A-Z].*\.$/, name)
    }
  })
})
