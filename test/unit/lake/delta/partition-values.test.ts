import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  keyOfPath,
  partitionFolder,
  pathOfKey,
} from '../../../../src/lake/delta/partition-values.ts'

/** Any code units, lone surrogates and control characters among them. */
const unit = fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code))
const hostile = fc.string({ unit, minLength: 1, maxLength: 16 })

test('a folder names its columns in order', () => {
  const values = { date: '2026-01-01', outcome: 'event' }
  assert.equal(partitionFolder(['outcome', 'date'], values), 'outcome=event/date=2026-01-01')
})

test('null and the empty text are the null folder, and a text that looks like it is not', () => {
  const none = '__HIVE_DEFAULT_PARTITION__'
  assert.equal(partitionFolder(['a'], { a: null }), `a=${none}`)
  assert.equal(partitionFolder(['a'], { a: '' }), `a=${none}`)
  assert.equal(partitionFolder(['a'], {}), `a=${none}`)
  assert.notEqual(partitionFolder(['a'], { a: none }), `a=${none}`)
})

test('any value gives one safe folder name, from which it can be read back', () => {
  fc.assert(
    fc.property(hostile, (value) => {
      const folder = partitionFolder(['a'], { a: value })
      assert.match(folder, /^a=[A-Za-z0-9._~%-]+$/)
      assert.equal(decodeURIComponent(folder.slice(2)), value.toWellFormed())
    }),
  )
})

test('a path is the key encoded once more, and gives the key back', () => {
  fc.assert(
    fc.property(hostile, (value) => {
      const key = `${partitionFolder(['a'], { a: value })}/file.parquet`
      const path = pathOfKey(key)
      assert.equal(keyOfPath(path), key)
      assert.equal(decodeURI(path), key)
    }),
  )
  assert.equal(pathOfKey('a=b%2Fc/x.parquet'), 'a=b%252Fc/x.parquet')
})

test('a value that no file system could name is refused', () => {
  assert.throws(() => partitionFolder(['a'], { a: 'é'.repeat(40) }), {
    code: 'INL_LAK_PARTITION_VALUE',
  })
})
