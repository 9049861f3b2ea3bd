/** docs/generated/views.sql, as another engine runs it, over tables that it knows by name. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, suite, test } from 'node:test'
import { openSqlEngine, type SqlEngine } from '../../../src/lake/sql/duckdb.ts'
import { identifier, qualified } from '../../../src/lake/sql/quote.ts'
import { lakeTables } from '../../../src/tables/lake-tables.ts'
import { sqlOptions } from '../../support/lake.ts'
import { temporaryFolder } from '../../support/temporary.ts'

const ddl = readFileSync(new URL('../../../docs/generated/views.sql', import.meta.url), 'utf8')
const statements = ddl
  .replaceAll(/^--.*$/gm, '')
  .split(';')
  .filter((one) => one.trim() !== '')

suite('the DDL of the views', () => {
  let engine: SqlEngine
  let folder: Awaited<ReturnType<typeof temporaryFolder>>
  before(async () => {
    folder = await temporaryFolder()
    engine = await openSqlEngine(sqlOptions(folder.path))
    for (const schema of new Set(lakeTables.map(({ name }) => name.split('.')[0] ?? '')))
      await engine.run(`CREATE SCHEMA IF NOT EXISTS ${identifier(schema)}`)
    for (const { name, columns } of lakeTables) {
      const typed = columns.map((column) => `${identifier(column.name)} ${column.type}`)
      await engine.run(`CREATE TABLE ${qualified(name)} (${typed.join(', ')})`)
    }
    for (const statement of statements) await engine.run(statement)
  })
  after(async () => {
    engine.close()
    await folder.dispose()
  })

  test('makes a view of each, which can be read', async () => {
    const names = [...ddl.matchAll(/^CREATE OR REPLACE VIEW (\S+) AS$/gm)].map(([, name]) => name)
    assert.equal(names.length, statements.length)
    for (const name of ['gold.named_queue_intervals', 'gold.named_agent_intervals'])
      assert.ok(names.includes(name), name)
    for (const name of names) assert.deepEqual(await engine.rows(`FROM ${name}`), [])
  })

  test('names queues and agents as they were named when the interval began', async () => {
    const at = (hour: number) => `'2026-03-01T${`${hour}`.padStart(2, '0')}:00:00Z'`
    for (const table of ['silver.queues', 'silver.users'])
      await engine.run(`INSERT INTO ${table} (org_id, id, name, valid_from, valid_to) VALUES
        ('prod', 'one', 'before', ${at(6)}, ${at(10)}), ('prod', 'one', 'after', ${at(10)}, NULL),
        ('test', 'one', 'of another', ${at(6)}, NULL)`)
    for (const [table, id] of [
      ['gold.queue_intervals', 'queue_id'],
      ['gold.agent_intervals', 'user_id'],
    ]) {
      const rows = [3, 9, 10, 12].map((hour) => `('prod', 'one', ${at(hour)})`)
      const values = [...rows, `('prod', 'two', ${at(9)})`].join(', ')
      await engine.run(`INSERT INTO ${table} (org_id, ${id}, interval_start) VALUES ${values}`)
    }
    const named = (view: string, name: string, id: string) =>
      engine.rows(`SELECT ${id} AS id, ${name} AS name FROM ${view} ORDER BY 1, interval_start`)
    // The first name that is known holds for what was before it.
    const expected = ['before', 'before', 'after', 'after', null].map((name, index) => ({
      id: index === 4 ? 'two' : 'one',
      name,
    }))
    const queues = await named('gold.named_queue_intervals', 'queue_name', 'queue_id')
    assert.deepEqual(queues, expected)
    const agents = await named('gold.named_agent_intervals', 'user_name', 'user_id')
    assert.deepEqual(agents, expected)
  })
})
