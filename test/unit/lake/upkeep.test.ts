import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { commitKey, lastCheckpointKey } from '../../../src/lake/delta/log-names.ts'
import { arrivals } from '../../../src/tables/arrivals.ts'
import { arrival, arrivalRange, openTestLake, type TestLake } from '../../support/lake.ts'

const key = 'bronze/arrivals'
const day = 86_400_000
const everything = 'SELECT * FROM bronze.arrivals ORDER BY position'

function scenario(title: string, run: (lake: TestLake) => Promise<void>) {
  test(title, async () => {
    const lake = await openTestLake()
    try {
      await run(lake)
    } finally {
      await lake.dispose()
    }
  })
}

async function loadOneByOne(lake: TestLake, from: number, to: number) {
  for (const row of arrivalRange(from, to)) await lake.load([row])
}

scenario('a checkpoint gives the state that the whole log gives', async (lake) => {
  await lake.load([arrival(0), arrival(1, { outcome: 'dead_letter', body: Buffer.from([0xff]) })])
  await lake.load(arrivalRange(2, 4), 'another')
  const removes = lake.table.snapshot().files.slice(0, 1)
  await lake.table.commit({ operation: 'DELETE', removes })
  const before = lake.table.snapshot()
  assert.equal(await lake.lake.upkeep.checkpoint(lake.table), 3)
  for (const version of [0, 1, 2]) await lake.store.remove(commitKey(key, version))

  const found = await lake.lake.find(arrivals)
  const state = found?.state
  assert.equal(state?.version, 3)
  assert.deepEqual(found?.snapshot().txns, before.txns)
  assert.deepEqual(
    found?.snapshot().files.map(({ version: _, ...file }) => file),
    before.files.map(({ version: _, ...file }) => file),
  )
  assert.deepEqual([...(state?.tombstones.keys() ?? [])], [...lake.table.state.tombstones.keys()])
  assert.deepEqual(state?.metaData, lake.table.state.metaData)
})

scenario(
  'a checkpoint without its hint, or with a hint that leads nowhere, is found',
  async (lake) => {
    await lake.load([arrival(0)])
    await lake.lake.upkeep.checkpoint(lake.table)
    await lake.store.remove(lastCheckpointKey(key))
    assert.equal((await lake.lake.find(arrivals))?.version, 1)
    for (const hint of ['{"version":7}', 'not JSON', '{}']) {
      await lake.store.put(lastCheckpointKey(key), Buffer.from(hint))
      assert.equal((await lake.lake.find(arrivals))?.version, 1)
    }
  },
)

scenario('a checkpoint that is already there is only named again', async (lake) => {
  await lake.lake.upkeep.checkpoint(lake.table)
  await lake.store.remove(lastCheckpointKey(key))
  await lake.lake.upkeep.checkpoint(lake.table)
  assert.match(String(await lake.store.get(lastCheckpointKey(key))), /"version":0/)
})

scenario(
  'compaction keeps every row and its order, and says that no data changed',
  async (lake) => {
    await loadOneByOne(lake, 0, 64)
    await lake.load([arrival(64, { body: Buffer.from([0xff, 0]) })])
    const before = await lake.query(everything)
    const report = await lake.lake.upkeep.compact(lake.table)
    assert.equal(report.compactedFiles, 65)
    const [merged, ...rest] = lake.table.snapshot().files
    assert.deepEqual(rest, [])
    assert.equal(JSON.parse(merged?.stats ?? '').numRecords, 65)
    assert.equal(JSON.parse(merged?.stats ?? '').maxValues.position, 64)
    assert.deepEqual(await lake.query(everything), before)
    assert.deepEqual(
      (await lake.query('SELECT position FROM bronze.arrivals')).rows.map(([position]) => position),
      Array.from({ length: 65 }, (_, position) => BigInt(position)),
    )
    const commit = String(await lake.store.get(commitKey(key, lake.table.version)))
    assert.ok(!commit.includes('"dataChange":true'))
  },
)

scenario('a compaction whose files were removed meanwhile is dropped', async (lake) => {
  await loadOneByOne(lake, 0, 64)
  const other = await openTestLake({ root: lake.root, seed: 2 })
  const [removed] = other.table.snapshot().files
  await other.table.commit({ operation: 'DELETE', removes: removed ? [removed] : [] })
  const report = await lake.lake.upkeep.compact(lake.table)
  assert.equal(report.compactedFiles, 0)
  assert.equal((await lake.query('SELECT count(*) FROM bronze.arrivals')).rows[0]?.[0], 63n)
  assert.equal((await lake.store.list(`${key}/outcome`)).length, 64)
  await other.dispose()
})

scenario('compaction keeps columns that a newer version has added', async (lake) => {
  const extra = { ...arrivals.columns[4], name: 'extra', type: 'VARCHAR' } as const
  await loadOneByOne(lake, 0, 64)
  const [first] = lake.table.snapshot().files
  const path = await lake.store.localPath(`${key}/${first?.key}`)
  const local = join(lake.scratch, 'newer.parquet')
  await lake.engine.run(`COPY (SELECT *, 'kept' AS extra FROM '${path}') TO '${local}'`)
  const partitionValues = { outcome: 'event', date: '2026-01-01' }
  const file = { localPath: local, partitionValues, rows: 1, size: first?.size ?? 0, stats: null }
  await lake.table.commit({ operation: 'WRITE', adds: await lake.table.publish([file]) })
  await lake.lake.upkeep.compact(lake.table)
  const [merged] = lake.table.snapshot().files
  const rows = await lake.engine.rows(
    `SELECT ${extra.name} FROM '${await lake.store.localPath(`${key}/${merged?.key}`)}' WHERE extra IS NOT NULL`,
  )
  assert.deepEqual(rows, [{ extra: 'kept' }])
})

scenario('a writer that slept through a clean-up opens the log anew', async (lake) => {
  const sleeper = await openTestLake({ root: lake.root, seed: 2 })
  await loadOneByOne(lake, 0, 3)
  await lake.lake.upkeep.checkpoint(lake.table)
  await loadOneByOne(lake, 3, 4)
  for (const version of [0, 1, 2]) await lake.store.remove(commitKey(key, version))
  sleeper.clock.advance(day)
  const adds: [] = []
  const result = await sleeper.table.commit({ operation: 'WRITE', adds })
  assert.deepEqual(result, { kind: 'committed', version: 5 })
  await sleeper.dispose()
})

scenario('a task that fails keeps no other from being done', async (lake) => {
  await loadOneByOne(lake, 0, 64)
  const notes = Array.from({ length: 64 }, (_, n) => arrival(100 + n, { outcome: 'note' }))
  for (const note of notes) await lake.load([note])
  const [broken] = lake.table.snapshot().files
  await writeFile(await lake.store.localPath(`${key}/${broken?.key}`), 'no Parquet')
  await assert.rejects(lake.lake.runUpkeep(), /it is no Parquet file/)
  assert.equal(lake.table.snapshot().files.length, 64 + 1)
  assert.notEqual(await lake.store.get(lastCheckpointKey(key)), null)
})

scenario('upkeep does what is due and nothing else', async (lake) => {
  await loadOneByOne(lake, 0, 99)
  const [first] = await lake.lake.runUpkeep()
  assert.equal(first?.compactedFiles, 99)
  assert.equal(first?.checkpoint, 100)
  const [second] = await lake.lake.runUpkeep()
  assert.deepEqual(second, {
    table: key,
    checkpoint: null,
    compactedFiles: 0,
    compactedBytes: 0,
    removedLogObjects: 0,
    removedFiles: 0,
    refusedRemovals: 0,
  })
})

scenario(
  'vacuum removes what compaction left and old scratch, and every row stays',
  async (lake) => {
    await loadOneByOne(lake, 0, 64)
    await lake.lake.upkeep.compact(lake.table)
    await writeFile(join(lake.scratch, 'left.parquet'), 'x')
    const before = await lake.query(everything)
    assert.equal(await lake.lake.upkeep.vacuum(lake.table), 0)
    // The files on disk have the time of the machine; the lake's clock must be past it.
    const [written] = await lake.store.list(`${key}/outcome`)
    lake.clock.advance((written?.modifiedAt ?? 0) - lake.clock.now() + 3 * day)
    assert.equal(lake.table.state.tombstones.size, 64)
    assert.equal(await lake.lake.upkeep.vacuum(lake.table), 65)
    assert.equal(lake.table.state.tombstones.size, 0)
    assert.equal((await lake.store.list(`${key}/outcome`)).length, 1)
    assert.deepEqual(await lake.query(everything), before)
  },
)
