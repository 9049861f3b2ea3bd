import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nodeFiles } from '../../../src/core/node-files.ts'
import { seededRandom } from '../../../src/core/random.ts'
import { openQuery } from '../../../src/lake/query.ts'
import { writeParquet } from '../../../src/lake/sql/parquet-writer.ts'
import { literal } from '../../../src/lake/sql/quote.ts'
import { hostileValues, hostileTable as table } from '../../support/hostile-table.ts'
import { openTestLake, sqlOptions } from '../../support/lake.ts'

test('each value comes back as it was, through checkpoint and query', async () => {
  const lake = await openTestLake()
  const delta = await lake.lake.table(table)
  const deps = { engine: lake.engine, files: nodeFiles, random: seededRandom(9) }
  const values = [...hostileValues, null]
  for (const [n, kind] of values.entries()) {
    const partitionValues = { kind, day: '2026-01-01' }
    const job = { table, select: `SELECT ${n}::BIGINT AS n`, partitionValues, folder: lake.scratch }
    const adds = await delta.publish([await writeParquet(deps, job)])
    await delta.commit({ operation: 'WRITE', adds })
  }
  await lake.lake.upkeep.checkpoint(delta)
  const session = await openQuery(
    { store: lake.store },
    { ...sqlOptions(lake.root), tables: [table], views: [] },
  )
  const { rows } = await session.query('SELECT n, kind, day FROM silver.hostile ORDER BY n')
  assert.deepEqual(
    rows,
    values.map((kind, n) => [BigInt(n), kind?.toWellFormed() ?? null, '2026-01-01']),
  )
  for (const [n, kind] of hostileValues.entries()) {
    if (kind.includes('\0')) continue
    const found = await session.query(
      `SELECT n FROM silver.hostile WHERE kind = ${literal(kind.toWellFormed())}`,
    )
    assert.deepEqual(found.rows, [[BigInt(n)]], JSON.stringify(kind))
  }
  session.close()
  await lake.dispose()
})
