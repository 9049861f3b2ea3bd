import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { identityKey, putKey } from '../../../src/dedup/identity-key.ts'

test('an id has the same key as text and where it stands, whatever was asked before', () => {
  const text = fc.string({ unit: 'grapheme', maxLength: 60 })
  const scope = fc.constantFrom('', 'one', 'two', 'zwölf', 'o'.repeat(54), 'o'.repeat(60))
  const stored = fc.record({ scope, eventId: text, before: fc.nat(9), at: fc.nat(9) })
  fc.assert(
    fc.property(fc.array(stored, { maxLength: 20 }), (all) => {
      for (const { scope, eventId, before, at } of all) {
        const bytes = Buffer.from(`${'#'.repeat(before)}${eventId}#`)
        const words = new Uint32Array(20)
        putKey(words, at, { scope, eventId: { bytes, from: before, to: bytes.length - 1 } })
        const expected = new Uint32Array(20)
        expected.set(identityKey(scope, eventId), at)
        assert.deepEqual(words, expected)
      }
    }),
  )
})
