import assert from 'node:assert/strict'
import { test } from 'node:test'
import { removedFileRetentionMs } from '../../../../src/lake/delta/checkpoint.ts'
import { applyLines, emptyState } from '../../../../src/lake/delta/table-state.ts'
import { planVacuum, unreferencedFileRetentionMs } from '../../../../src/lake/delta/vacuum.ts'

const now = Date.UTC(2026, 0, 10)
const file = (path: string) => ({
  path,
  partitionValues: {},
  size: 1,
  modificationTime: 0,
  dataChange: true,
})
const state = applyLines(emptyState(), 1, [
  { add: file('live.parquet') },
  {
    remove: {
      path: 'old.parquet',
      deletionTimestamp: now - removedFileRetentionMs,
      dataChange: true,
    },
  },
  {
    remove: {
      path: 'new.parquet',
      deletionTimestamp: now - removedFileRetentionMs + 1,
      dataChange: true,
    },
  },
])
const plan = (key: string, modifiedAt: number) =>
  planVacuum([{ key, size: 1, modifiedAt }], state, now).length === 1

test('a live file stays, however old', () => {
  assert.equal(plan('live.parquet', 0), false)
})

test('a removed file goes two days after it was removed', () => {
  assert.equal(plan('old.parquet', 0), true)
  assert.equal(plan('new.parquet', 0), false)
})

test('a file that no commit names goes after a day', () => {
  assert.equal(plan('a=1/none.parquet', now - unreferencedFileRetentionMs), true)
  assert.equal(plan('a=1/none.parquet', now - unreferencedFileRetentionMs + 1), false)
})

test('the log, and what other engines keep beside the data, is left alone', () => {
  for (const key of [
    '_delta_log/0.json',
    '_delta_log/0.checkpoint.parquet',
    '.x/a.parquet',
    'a.crc',
  ])
    assert.equal(plan(key, 0), false, key)
})
