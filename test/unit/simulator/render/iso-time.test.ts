import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { isoTime } from '../../../../src/simulator/render/rendered.ts'

test('a time is written as Date writes it, whatever was written before', () => {
  const near = fc.integer({ min: -200_000, max: 200_000 })
  const far = fc.integer({ min: -62_135_596_800_000, max: 253_402_300_799_999 })
  fc.assert(
    fc.property(fc.array(fc.oneof(near, far), { minLength: 2 }), (times) => {
      for (const ms of times) assert.equal(isoTime(ms), new Date(ms).toISOString())
    }),
  )
})
