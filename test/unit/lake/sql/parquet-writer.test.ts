/** The statistics of a file are those that its rows have, however many row groups it takes. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { nodeFiles } from '../../../../src/core/node-files.ts'
import { systemRandom } from '../../../../src/core/random.ts'
import { openSqlEngine } from '../../../../src/lake/sql/duckdb.ts'
import { writeParquet } from '../../../../src/lake/sql/parquet-writer.ts'
import { writePartitions } from '../../../../src/lake/sql/partitioned-writer.ts'
import { column, measured } from '../../../../src/tables/columns.ts'
import type { Table } from '../../../../src/tables/table.ts'

const folder = mkdtempSync(join(tmpdir(), 'inlet-parquet-'))
const engine = await openSqlEngine({ memoryLimit: 256 * 2 ** 20, threads: 1, folder })
after(() => {
  engine.close()
  rmSync(folder, { recursive: true, force: true })
})
const deps = { engine, files: nodeFiles, random: systemRandom }

const table: Table = {
  name: 'silver.measured',
  description: 'Of a test.',
  row: 'a row',
  partitionedBy: ['part'],
  columns: [
    measured(column('id', 'VARCHAR', 'A text.')),
    measured(column('at', 'TIMESTAMPTZ', 'A time.')),
    measured(column('position', 'BIGINT', 'A number.')),
    measured(column('none', 'VARCHAR', 'Always null.')),
    column('part', 'INTEGER', 'The partition.'),
  ],
}

const rows = `SELECT CASE WHEN n % 3 > 0 THEN (90000 - n)::VARCHAR || 'é"''' END AS id,
  TIMESTAMPTZ '1969-12-31 23:59:59.9995+00' + INTERVAL (n) SECOND AS at,
  n - 5 AS position, NULL::VARCHAR AS none, n % 2 AS part FROM range(9000) rows(n)`

async function statistics(select: string, rowsPerGroup = 2048): Promise<unknown> {
  const job = { table, select, partitionValues: { part: '0' }, rowsPerGroup, folder }
  return JSON.parse((await writeParquet(deps, job)).stats ?? 'null')
}

describe('the statistics of a written file', () => {
  it('are the bounds of all its row groups', async () => {
    assert.deepEqual(await statistics(`SELECT * EXCLUDE (part) FROM (${rows})`), {
      numRecords: 9000,
      minValues: { id: `81001é"'`, at: '1969-12-31T23:59:59.999Z', position: -5 },
      maxValues: { id: `89999é"'`, at: '1970-01-01T02:29:59.000Z', position: 8994 },
      nullCount: { id: 3000, at: 0, position: 0, none: 9000 },
    })
  })

  it('count a column that the file lacks as null in every row', async () => {
    const whole = await statistics(`SELECT * EXCLUDE (part) FROM (${rows})`)
    assert.deepEqual(await statistics(`SELECT * EXCLUDE (part, none) FROM (${rows})`), whole)
  })

  it('are those of each partition', async () => {
    const files = await writePartitions(deps, { table, select: rows, folder })
    const told = files.map(({ partitionValues, stats, rows: count }) => {
      const { minValues, maxValues } = JSON.parse(stats ?? '{}')
      return [partitionValues['part'], count, minValues.position, maxValues.position]
    })
    assert.deepEqual(
      told.toSorted((a, b) => Number(a[0]) - Number(b[0])),
      [
        ['0', 4500, -5, 8993],
        ['1', 4500, -4, 8994],
      ],
    )
  })

  it('bound long texts, and leave out what JSON cannot hold and what is no time', async () => {
    const long = `SELECT repeat('é', 400) AS id, TIMESTAMPTZ '0044-03-15 (BC) 00:00:00+00' AS at,
      9007199254740993 AS position, NULL::VARCHAR AS none`
    const most = 'SELECT repeat(chr(1114111), 100), NULL, 1, NULL'
    assert.deepEqual(await statistics(`${long} UNION ALL ${most}`), {
      numRecords: 2,
      minValues: {},
      maxValues: {},
      nullCount: { id: 0, at: 1, position: 0, none: 2 },
    })
  })

  it('are told of a file without rows', async () => {
    assert.deepEqual(await statistics(`SELECT * EXCLUDE (part) FROM (${rows}) WHERE false`), {
      numRecords: 0,
      minValues: {},
      maxValues: {},
      nullCount: { id: 0, at: 0, position: 0, none: 0 },
    })
  })
})
