import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { SliceCache } from '../../../src/core/slice-cache.ts'

const drawn = fc.record({
  /** Of few letters, so that many are equal. */
  text: fc.string({ unit: fc.constantFrom('a', 'b', 'ü'), maxLength: 9 }),
  before: fc.nat(5),
  isNew: fc.boolean(),
})

function sliceOf({ text, before }: { text: string; before: number }) {
  const bytes = Buffer.from(`${'#'.repeat(before)}${text}##`)
  return { bytes, from: before, to: before + Buffer.byteLength(text) }
}

test('equal bytes find what was set for them last, wherever they stand, or nothing', () => {
  fc.assert(
    fc.property(fc.array(drawn, { maxLength: 100 }), (all) => {
      const cache = new SliceCache<number>()
      const model = new Map<string, number>()
      for (const [index, one] of all.entries()) {
        const found = cache.get(sliceOf(one))
        if (found !== undefined) assert.equal(found, model.get(one.text))
        if (!one.isNew) continue
        cache.set(sliceOf(one), index)
        assert.equal(cache.get(sliceOf({ ...one, before: one.before + 1 })), index)
        model.set(one.text, index)
      }
      cache.clear()
      for (const one of all) assert.equal(cache.get(sliceOf(one)), undefined)
    }),
  )
})

test('a hundred ids are all remembered', () => {
  const cache = new SliceCache<number>()
  const slice = (n: number) => sliceOf({ text: `${n}-7d3f-4c1a-9f5e-0b8e6a2c4d11`, before: n % 3 })
  for (let n = 0; n < 100; n++) cache.set(slice(n), n)
  for (let n = 0; n < 100; n++) assert.equal(cache.get(slice(n)), n)
})

test('what it forgot is unknown, and never taken for something else', () => {
  const cache = new SliceCache<number>()
  const slice = (n: number) => sliceOf({ text: `id-${n}`, before: n % 7 })
  for (let n = 0; n < 20_000; n++) {
    cache.set(slice(n), n)
    assert.equal(cache.get(slice(n)), n)
  }
  const found = Array.from({ length: 20_000 }, (_, n) => cache.get(slice(n)))
  assert.ok(found.every((value, n) => value === undefined || value === n))
  assert.ok(found.includes(undefined))
})

test('memory that is written anew says something else', () => {
  const cache = new SliceCache<string>()
  const bytes = Buffer.from('one two')
  cache.set({ bytes, from: 0, to: 3 }, 'kept')
  bytes.write('six')
  assert.equal(cache.get({ bytes, from: 0, to: 3 }), undefined)
  assert.equal(cache.get({ bytes: Buffer.from('one'), from: 0, to: 3 }), 'kept')
})
