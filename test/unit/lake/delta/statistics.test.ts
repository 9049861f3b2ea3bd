import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  type ColumnBounds,
  compareByCodePoint,
  statsText,
  widest,
} from '../../../../src/lake/delta/statistics.ts'

const text = { name: 'a', type: 'VARCHAR' } as const
const anyText = fc.string({
  unit: fc.constantFrom('a', 'z', '\uffff', '\ud800', '\u{10ffff}', 'é'),
})

/** Of a column whose every value is a part of its own. */
function stats(column: Pick<ColumnBounds, 'name' | 'type'>, values: (string | number | null)[]) {
  const parts = values.map((given) => {
    const value = typeof given === 'string' ? given.toWellFormed() : given
    return { ...column, min: value, max: value, nulls: value === null ? 1 : 0 }
  })
  return JSON.parse(statsText(values.length, widest(parts)))
}

test('rows, bounds and nulls of a column are counted', () => {
  assert.deepEqual(stats({ name: 'a', type: 'BIGINT' }, [3, null, 1, 2]), {
    numRecords: 4,
    minValues: { a: 1 },
    maxValues: { a: 3 },
    nullCount: { a: 1 },
  })
})

test('a column of nulls has no bounds', () => {
  const { minValues, maxValues, nullCount } = stats(text, [null, null])
  assert.deepEqual([minValues, maxValues, nullCount], [{}, {}, { a: 2 }])
})

test('texts compare as their UTF-8 bytes do', () => {
  fc.assert(
    fc.property(anyText, anyText, (one, other) => {
      const [a, b] = [one.toWellFormed(), other.toWellFormed()]
      const bytes = Buffer.compare(Buffer.from(a), Buffer.from(b))
      assert.equal(Math.sign(compareByCodePoint(a, b)), bytes)
    }),
  )
})

test('bounds hold every text, whatever its length, and are cut to a prefix', () => {
  const unit = fc.constantFrom('a', 'b', '\u{10ffff}', '😀')
  const long = fc.string({ unit, maxLength: 60 })
  fc.assert(
    fc.property(fc.array(fc.oneof(anyText, long), { minLength: 1 }), (values) => {
      const { minValues, maxValues } = stats(text, values)
      for (const value of values) {
        const stored = Buffer.from(value)
        assert.ok(Buffer.compare(Buffer.from(minValues.a), stored) <= 0)
        assert.ok(Buffer.compare(stored, Buffer.from(maxValues.a)) <= 0)
      }
      assert.ok(minValues.a.length <= 32)
      assert.ok(String(minValues.a).isWellFormed() && String(maxValues.a).isWellFormed())
    }),
  )
})

test('a long upper bound is cut to a prefix with the greatest character behind it', () => {
  const { minValues, maxValues } = stats(text, ['x'.repeat(40)])
  assert.equal(minValues.a, 'x'.repeat(32))
  assert.equal(maxValues.a, `${'x'.repeat(32)}\u{10ffff}`)
})

test('times are whole milliseconds that leave no time outside', () => {
  const { minValues, maxValues } = stats({ name: 't', type: 'TIMESTAMPTZ' }, [1000.25, 2000.25])
  assert.deepEqual(minValues, { t: '1970-01-01T00:00:01.000Z' })
  assert.deepEqual(maxValues, { t: '1970-01-01T00:00:02.001Z' })
})
