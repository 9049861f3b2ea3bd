import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { mostRows, rowsOfSize, rowsPerGroup } from '../../../../src/lake/sql/row-groups.ts'

const mebibyte = 2 ** 20
const mostBytes = 32 * mebibyte

test('small rows fill a row group', () => {
  assert.equal(rowsPerGroup([]), mostRows)
  assert.equal(rowsPerGroup(Array.from({ length: 40_000 }, () => 1000)), mostRows)
  assert.equal(rowsOfSize(1000), mostRows)
})

test('no neighbours within a row group hold more than it may, save one alone', () => {
  const sizes = fc.array(fc.oneof(fc.nat(1000), fc.nat(64 * mebibyte)), { maxLength: 200 })
  fc.assert(
    fc.property(sizes, (all) => {
      const rows = rowsPerGroup(all)
      for (let from = 0; from < all.length; from++) {
        const bytes = all.slice(from, from + rows).reduce((sum, size) => sum + size, 0)
        assert.ok(bytes <= mostBytes || rows === 1)
      }
    }),
  )
})

test('a size on average is bounded in the same way', () => {
  assert.equal(rowsOfSize(mebibyte), 32)
  assert.equal(rowsOfSize(5000), 4096)
  assert.equal(rowsOfSize(100 * mebibyte), 1)
})
