import assert from 'node:assert/strict'
import { test } from 'node:test'
import { intervalAt, SETTLED_AFTER_MS } from '../../../src/app/reconcile/role.ts'

const HOUR = 3_600_000
const now = Date.parse('2026-03-08T12:00:00Z')
const to = now - SETTLED_AFTER_MS

test('the trailing stretch is compared, up to what may still be on its way', () => {
  const trailing = { from: to - 96 * HOUR, to }
  assert.deepEqual(intervalAt(now, 96 * HOUR, null), trailing)
  assert.deepEqual(intervalAt(now, 96 * HOUR, to - HOUR), trailing)
})

test('what nobody has compared before it is compared with it', () => {
  const watermark = to - 200 * HOUR
  assert.deepEqual(intervalAt(now, 96 * HOUR, watermark), { from: watermark, to })
})
