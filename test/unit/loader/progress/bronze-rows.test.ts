import assert from 'node:assert/strict'
import { test } from 'node:test'
import { eventsInRanges, firstBytes } from '../../../../src/loader/progress/bronze-rows.ts'
import type { PositionRange } from '../../../../src/loader/progress/standing.ts'
import { arrival, arrivalRange, openTestLake } from '../../../support/lake.ts'

const journalId = arrival(0).journalId
const range = (from: number, to: number, partition = 'gateway-0'): PositionRange => {
  return { journalId, partition, from, to }
}

test('as many positions are read at once as row groups leave room for, and at least one', () => {
  const groups = [
    { from: 0, until: 99, bytes: 1000 },
    { from: 100, until: 100, bytes: 50_000 },
  ]
  assert.deepEqual(firstBytes([range(50, 200)], groups, 400), [range(50, 90)])
  assert.deepEqual(firstBytes([range(50, 200)], groups, 1000), [range(50, 100)])
  assert.deepEqual(firstBytes([range(100, 200)], groups, 1000), [range(100, 101)])
  assert.deepEqual(firstBytes([range(101, 200)], groups, 1), [range(101, 200)])
})

test('a row group that several partitions share is counted once', () => {
  const groups = [{ from: 0, until: 99, bytes: 1000 }]
  const ranges = [range(0, 100), range(0, 100, 'gateway-1')]
  assert.deepEqual(firstBytes(ranges, groups, 1000), ranges)
})

test('events are found by position wherever compaction has put them, in few files', async () => {
  const lake = await openTestLake()
  try {
    for (let from = 0; from < 60; from += 10) await lake.land(arrivalRange(from, from + 10))
    const limits = { targetSize: 1e9, smallFiles: 2, settledFiles: 2, settledAfterMs: 0 }
    await lake.lake.upkeep.compact(lake.table, { limits })
    for (let from = 60; from < 90; from += 10) await lake.land(arrivalRange(from, from + 10))
    const wanted = { ranges: [range(55, 75)], mostBytes: 1e9 }
    const { ranges, select } = await eventsInRanges(lake, lake.table, wanted)
    assert.deepEqual(ranges, [range(55, 75)])
    const rows = await lake.engine.rows(`SELECT position FROM (${select}) ORDER BY position`)
    assert.deepEqual(
      rows.map((row) => Number(row['position'])),
      Array.from({ length: 20 }, (_, index) => 55 + index),
    )
    assert.equal(select.match(/\.parquet/g)?.length, 3)
  } finally {
    await lake.dispose()
  }
})

test('ranges that lie apart are read each from their own files', async () => {
  const lake = await openTestLake()
  try {
    const elsewhere = { journalPartition: 'gateway-1' }
    await lake.land([arrival(3), arrival(1003, elsewhere), arrival(4, elsewhere)])
    const wanted = { ranges: [range(0, 5), range(1000, 1005, 'gateway-1')], mostBytes: 1e9 }
    const { select } = await eventsInRanges(lake, lake.table, wanted)
    const rows = await lake.engine.rows(`SELECT position FROM (${select}) ORDER BY position`)
    assert.deepEqual(
      rows.map((row) => Number(row['position'])),
      [3, 1003],
    )
  } finally {
    await lake.dispose()
  }
})
