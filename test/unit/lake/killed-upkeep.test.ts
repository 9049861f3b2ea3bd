/** Upkeep that is killed at random, beside a loader that lands and a reader amid a scan. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { systemClock } from '../../../src/core/clock.ts'
import { seededRandom, systemRandom } from '../../../src/core/random.ts'
import { tableSelect } from '../../../src/lake/sql/table-view.ts'
import { arrivals } from '../../../src/tables/arrivals.ts'
import { arrivalRange, openTestLake, type TestLake } from '../../support/lake.ts'

const script = fileURLToPath(new URL('../../support/upkeep-process.ts', import.meta.url))

/** Resolves to how it ended. */
async function keepUp(lake: TestLake, killAfterMs: number | null): Promise<string | number | null> {
  const args = [script, lake.root, ...(killAfterMs === null ? ['2'] : [])]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] })
  const exited = once(child, 'exit')
  if (killAfterMs !== null) void systemClock.sleep(killAfterMs).then(() => child.kill('SIGKILL'))
  const [code, signal] = await exited
  return signal ?? code
}

/** A scan of the table as it stands, of which nothing but the beginning has been read. */
async function beginScan({ lake, store, engine }: TestLake) {
  const table = (await lake.find(arrivals)) ?? assert.fail()
  const paths = table.snapshot().files.map(({ key }) => store.localPath(`${table.key}/${key}`))
  const connection = await engine.connect()
  const select = tableSelect(arrivals, await Promise.all(paths))
  const result = await connection.stream(`SELECT position FROM (${select})`)
  let rows = (await result.fetchChunk())?.rowCount ?? 0
  return async () => {
    for (;;) {
      const more = (await result.fetchChunk())?.rowCount ?? 0
      if (more === 0) break
      rows += more
    }
    connection.closeSync()
    return rows
  }
}

test('upkeep that is killed at any moment loses and repeats no row, for nobody', async (t) => {
  const lake = await openTestLake()
  const seed = systemRandom.below(2 ** 31)
  t.diagnostic(`seed ${seed}`)
  const random = seededRandom(seed)
  let landed = 0
  const land = async (rows: number) => {
    await lake.land(arrivalRange(landed, landed + rows))
    landed += rows
  }
  try {
    for (let commits = 0; commits < 12; commits++) await land(500)
    for (let kills = 0; kills < 4; kills++) {
      const begun = landed
      const finish = await beginScan(lake)
      const keeping = keepUp(lake, 400 + random.below(1500))
      for (let commits = 0; commits < 4; commits++) await land(100)
      assert.equal(await keeping, 'SIGKILL')
      assert.equal(await finish(), begun)
      assert.deepEqual(await counted(lake), [landed, landed])
    }
    assert.equal(await keepUp(lake, null), 0)
    assert.deepEqual(await counted(lake), [landed, landed])
    await lake.table.refresh()
    assert.ok(lake.table.snapshot().files.length < 12, 'it was compacted')
  } finally {
    await lake.dispose()
  }
})

async function counted(lake: TestLake): Promise<unknown[]> {
  const { rows } = await lake.query(
    'SELECT count(*)::INTEGER, count(DISTINCT position)::INTEGER FROM bronze.arrivals',
  )
  return [...(rows[0] ?? [])]
}
