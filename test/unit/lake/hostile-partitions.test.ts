/** Partition values that mean something to a file system, a URL, SQL or a folder convention. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nodeFiles } from '../../../src/core/node-files.ts'
import { seededRandom } from '../../../src/core/random.ts'
import { openQuery } from '../../../src/lake/query.ts'
import { writeParquet } from '../../../src/lake/sql/parquet-writer.ts'
import { literal } from '../../../src/lake/sql/quote.ts'
import type { Table } from '../../../src/tables/table.ts'
import { openTestLake, sqlOptions } from '../../support/lake.ts'

const column = { personal: false, statistics: true, description: '' }
const table: Table = {
  name: 'silver.hostile',
  description: '',
  row: '',
  partitionedBy: ['kind', 'day'],
  columns: [
    { ...column, name: 'kind', type: 'VARCHAR' },
    { ...column, name: 'day', type: 'DATE' },
    { ...column, name: 'n', type: 'BIGINT' },
  ],
}

export const hostileValues = [
  ...[
    'plain',
    '2026',
    'true',
    '01',
    ' ',
    'a b',
    'a/b',
    '../up',
    '..',
    '.',
    'a=b',
    'kind=x',
    '%',
    '%41',
  ],
  ...[
    '%2F',
    'a+b',
    "it's",
    '"',
    '\\',
    '*',
    '?',
    '[a]',
    '{a}',
    '#',
    ';',
    ':',
    'é',
    '日本',
    '😀',
    '\n',
  ],
  ...['NULL', 'null', '__HIVE_DEFAULT_PARTITION__', '\ud800', '\u0001', '\0a', 'x'.repeat(200)],
]

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
