/** The files of a slice have the columns that its events fill, and are read with all of them. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nodeFiles } from '../../../../src/core/node-files.ts'
import { systemRandom } from '../../../../src/core/random.ts'
import { openSqlEngine } from '../../../../src/lake/sql/duckdb.ts'
import { filesSelect, tableSelect } from '../../../../src/lake/sql/table-view.ts'
import { withRows } from '../../../../src/loader/silver/write-rows.ts'
import { agentStates, conversationEvents, otherEvents } from '../../../../src/tables/silver.ts'
import type { Table } from '../../../../src/tables/table.ts'
import { temporaryFolder } from '../../../support/temporary.ts'

const values: Readonly<Record<string, string>> = {
  event_id: `'e-' || n`,
  event_type: `'kind-' || n % 2`,
  position: 'n',
  date: `DATE '2026-01-05' + (n // 2)::INTEGER`,
}
const filled = new Set(Object.keys(values))

function rowsOf({ columns }: Table): string {
  const all = columns.map(({ name, type }) => `(${values[name] ?? 'NULL'})::${type} AS "${name}"`)
  return `SELECT ${all.join(', ')} FROM range(4) rows(n)`
}

for (const table of [agentStates, conversationEvents, otherEvents])
  test(`what no row of ${table.name} has is in none of its files, and read as null`, async () => {
    const folder = await temporaryFolder()
    const limits = { memoryLimit: 2 ** 27, threads: 1, folder: folder.path }
    const engine = await openSqlEngine(limits)
    const deps = { engine, files: nodeFiles, random: systemRandom }
    const job = { table, select: rowsOf(table), filled, folder: folder.path }
    await withRows(deps, job, async (written) => {
      assert.ok(written.length >= 2)
      for (const { localPath, partitionValues } of written) {
        const stored = await engine.rows(`DESCRIBE ${filesSelect([localPath])}`)
        assert.deepEqual(
          stored.map((one) => one['column_name']).sort(),
          [...filled].filter((name) => !(name in partitionValues)).sort(),
        )
        const told = Object.entries(partitionValues)
        const within = told.map(([name, value]) => `"${name}" = '${value}'`).join(' AND ')
        const others = told.map(([name]) => `"${name}"`).join(', ')
        const rows = (select: string) =>
          engine.rows(`SELECT * EXCLUDE (${others}) FROM (${select}) ORDER BY position`)
        assert.deepEqual(
          await rows(tableSelect({ ...table, partitionedBy: [] }, [localPath])),
          await rows(`SELECT * FROM (${rowsOf(table)}) WHERE ${within}`),
        )
      }
    })
    engine.close()
    await folder.dispose()
  })
