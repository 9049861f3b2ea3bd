import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { skipText, wordsOf } from '../../../src/event/json-tokens.ts'

const BEYOND_ASCII = 0x80808080
const letters = fc.constantFrom(0x20, 0x21, 0x23, 0x5b, 0x5d, 0x61, 0x7f, 0x80, 0xa2, 0xdc, 0xff)
const anything = fc.integer({ min: 0, max: 255 })
const mostlyText = fc.oneof({ weight: 6, arbitrary: letters }, { weight: 1, arbitrary: anything })

function ends(byte: number, also: number): boolean {
  return byte < 0x20 || byte === 0x22 || byte === 0x5c || (also !== 0 && byte >= 0x80)
}

test('a run of text ends at the first byte that ends it, or is left to who looks at each', () => {
  const lists = fc.array(mostlyText, { maxLength: 40 })
  fc.assert(
    fc.property(lists, fc.nat({ max: 8 }), fc.constantFrom(0, BEYOND_ASCII), (list, at, also) => {
      const bytes = Uint8Array.from(list)
      const from = Math.min(at, bytes.length)
      const found = skipText(wordsOf(bytes), from, also)
      const first = list.findIndex((byte, place) => place >= from && ends(byte, also))
      const known = from + 4 * Math.floor((bytes.length - from) / 4)
      assert.equal(found, first !== -1 && first < known ? first : from)
    }),
    { numRuns: 5000 },
  )
})

test('every pair of neighbours is told apart', () => {
  for (const also of [0, BEYOND_ASCII])
    for (let low = 0; low < 256; low++)
      for (let high = 0; high < 256; high++) {
        const words = wordsOf(Uint8Array.of(0x61, low, high, 0x22))
        const expected = ends(low, also) ? 1 : ends(high, also) ? 2 : 3
        assert.equal(skipText(words, 0, also), expected, `${low} ${high}`)
      }
})
