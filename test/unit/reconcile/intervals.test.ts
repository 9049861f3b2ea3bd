import assert from 'node:assert/strict'
import { test } from 'node:test'
import { gapsBefore } from '../../../src/reconcile/intervals.ts'

const HOUR = 3_600_000
const hours = (from: number, to: number) => ({ from: from * HOUR, to: to * HOUR })

test('gaps before an interval are compared up to it, in order, the near ones as one', () => {
  const gaps = [hours(30, 31), hours(1, 2), hours(2.5, 3), hours(10, 12), hours(11, 11.5)]
  const before = [hours(1, 3), hours(10, 12)]
  assert.deepEqual(gapsBefore(hours(20, 40), gaps), before)
  assert.deepEqual(gapsBefore(hours(20, 40), [hours(15, 45)]), [hours(15, 20)])
  assert.deepEqual(gapsBefore(hours(0, 40), gaps), [])
})
