import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { compactionLimits, planCompaction } from '../../../../src/lake/delta/compaction.ts'
import type { DataFile } from '../../../../src/lake/delta/table-state.ts'

const now = Date.UTC(2026, 0, 2)

function files(sizes: readonly number[], changes: Partial<DataFile> = {}): DataFile[] {
  return sizes.map((size, index) => ({
    key: `${changes.version ?? 0}-${index}`,
    partitionValues: { date: '2026-01-01' },
    size,
    modificationTime: now,
    stats: null,
    version: index,
    ...changes,
  }))
}

test('fewer than 64 small files are left alone', () => {
  assert.deepEqual(planCompaction(files(Array(63).fill(1000)), now), [])
})

test('64 small files of one partition become one, in the order in which they came', () => {
  const [group, ...rest] = planCompaction(files(Array(64).fill(1000)), now)
  assert.deepEqual(rest, [])
  assert.deepEqual(
    group?.map(({ version }) => version),
    Array.from({ length: 64 }, (_, index) => index),
  )
})

test('partitions are never mixed', () => {
  const other = files(Array(64).fill(1000), { partitionValues: { date: '2026-01-02' }, version: 1 })
  const plan = planCompaction([...files(Array(64).fill(1000)), ...other], now)
  assert.equal(plan.length, 2)
  for (const group of plan)
    assert.equal(new Set(group.map((file) => JSON.stringify(file.partitionValues))).size, 1)
})

test('a file is left out while it would be most of the result', () => {
  const [group] = planCompaction(files([...Array(64).fill(1000), 1_000_000]), now)
  assert.equal(group?.length, 64)
})

test('a full file is never touched, and what fills one is taken whatever its sizes', () => {
  const { targetSize } = compactionLimits
  const quarter = targetSize / 4 + 1
  const [group] = planCompaction(files([targetSize, ...Array(64).fill(quarter)]), now)
  assert.equal(group?.length, 3)
  assert.ok(group?.every(({ size }) => size === quarter))
})

test('a partition that nothing comes to any more is tidied up from four small files', () => {
  const old = now - compactionLimits.settledAfterMs
  const few = files([1000, 1000, 1000, 1000], { modificationTime: old })
  assert.equal(planCompaction(few, now)[0]?.length, 4)
  assert.deepEqual(planCompaction(few.slice(1), now), [])
})

test('whatever the sizes, a group has two files or more and no file twice', () => {
  const sizes = fc.array(fc.integer({ min: 1, max: 2 ** 29 }), { minLength: 64, maxLength: 200 })
  fc.assert(
    fc.property(sizes, (all) => {
      for (const group of planCompaction(files(all), now)) {
        assert.ok(group.length > 1)
        assert.equal(new Set(group.map(({ key }) => key)).size, group.length)
      }
    }),
  )
})

test('a day of commits rewrites every byte less than four times and leaves few files', () => {
  let live: DataFile[] = []
  let written = 0
  let rewritten = 0
  let most = 0
  for (let commit = 0; commit < 17_280; commit++) {
    const size = 5000 + ((commit * 7919) % 10_000)
    written += size
    live.push(...files([size], { version: commit, key: `commit-${commit}` }))
    if (commit % 12 > 0) continue
    for (const group of planCompaction(live, now)) {
      const total = group.reduce((sum, one) => sum + one.size, 0)
      rewritten += total
      live = live.filter((file) => !group.includes(file))
      live.push(...files([total], { version: commit, key: `merged-${commit}` }))
    }
    most = Math.max(most, live.length)
  }
  assert.ok(rewritten / written < 4, `${rewritten / written}`)
  assert.ok(most < 128, `${most}`)
})
