import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { identityKey, putKey } from '../../../src/dedup/identity-key.ts'

test('an id has the same key as text and where it stands in bytes', () => {
  const text = fc.string({ unit: 'grapheme', maxLength: 60 })
  const scope = fc.oneof(fc.string({ unit: 'grapheme-ascii', maxLength: 60 }), text)
  const places = fc.record({ before: fc.nat(9), at: fc.nat(9) })
  fc.assert(
    fc.property(scope, text, places, (name, eventId, { before, at }) => {
      const bytes = Buffer.from(`${'#'.repeat(before)}${eventId}#`)
      const words = new Uint32Array(20)
      putKey(words, at, { scope: name, eventId: { bytes, from: before, to: bytes.length - 1 } })
      const expected = new Uint32Array(20)
      expected.set(identityKey(name, eventId), at)
      assert.deepEqual(words, expected)
    }),
  )
})
