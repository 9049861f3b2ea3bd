import assert from 'node:assert/strict'
import { rm, writeFile } from 'node:fs/promises'
import { after, test } from 'node:test'
import { openQuery } from '../../../src/lake/query.ts'
import { literal } from '../../../src/lake/sql/quote.ts'
import { arrivals, arrivalViews } from '../../../src/tables/arrivals.ts'
import type { Table } from '../../../src/tables/table.ts'
import { arrival, openTestLake, sqlOptions } from '../../support/lake.ts'

const lake = await openTestLake()
await lake.load([
  arrival(0),
  arrival(1, { outcome: 'duplicate', body: null, firstPosition: 0 }),
  arrival(2, { outcome: 'dead_letter', body: Buffer.from([0xff, 0xfe]), reason: 'not_utf8' }),
  arrival(3, { outcome: 'note', body: null, bodySha256: null, reason: 'tally', detail: '{}' }),
])
const empty: Table = { ...arrivals, name: 'silver.nothing' }
const tables = [arrivals, empty]
const options = { ...sqlOptions(lake.root), tables, views: arrivalViews }
const session = await openQuery({ store: lake.store }, options)
const [file] = lake.table.snapshot().files
const path = await lake.store.localPath(`bronze/arrivals/${file?.key}`)
after(async () => {
  session.close()
  await lake.dispose()
})

const rowsOf = async (sql: string) => (await session.query(sql)).rows

test('a table and its views answer by their qualified names', async () => {
  assert.deepEqual(await rowsOf('SELECT count(*) FROM bronze.arrivals'), [[4n]])
  for (const [view, position] of [
    ['events', 0n],
    ['duplicates', 1n],
    ['dead_letters', 2n],
    ['notes', 3n],
  ])
    assert.deepEqual(await rowsOf(`SELECT position FROM bronze.${view}`), [[position]])
})

test('values come back in their own kind', async () => {
  const { columns, rows } = await session.query(
    `SELECT position, event_time, date, body, first_position, true AS yes, 1.5::DOUBLE AS half
     FROM bronze.events`,
  )
  assert.deepEqual(
    columns.map(({ type }) => type),
    ['BIGINT', 'TIMESTAMP WITH TIME ZONE', 'DATE', 'VARCHAR', 'BIGINT', 'BOOLEAN', 'DOUBLE'],
  )
  const body = '{"id":0,"text":"Grüße"}'
  assert.deepEqual(rows, [[0n, '2026-01-01T00:00:00.000Z', '2026-01-01', body, null, true, 1.5]])
  assert.deepEqual(await rowsOf('SELECT body, body_bytes FROM bronze.dead_letters'), [
    [null, Buffer.from([0xff, 0xfe])],
  ])
})

test('a table that the lake lacks is empty and has its columns', async () => {
  const { columns, rows } = await session.query('FROM silver.nothing')
  assert.deepEqual(rows, [])
  assert.deepEqual(
    columns.map(({ name }) => name),
    arrivals.columns.map(({ name }) => name),
  )
})

test('a session stays with the version that it was opened on', async () => {
  const before = await rowsOf('SELECT count(*) FROM bronze.arrivals')
  await lake.load([arrival(4, { outcome: 'note' })])
  assert.deepEqual(await rowsOf('SELECT count(*) FROM bronze.arrivals'), before)
})

test('reading statements of every form run', async () => {
  for (const sql of [
    'SELECT 1;',
    'VALUES (1)',
    'WITH x AS (SELECT 1) FROM x',
    'SHOW ALL TABLES',
    'DESCRIBE bronze.events',
    'SUMMARIZE bronze.notes',
    'EXPLAIN SELECT * FROM bronze.events',
    ' explain  analyze select 1 -- with a comment',
  ])
    assert.ok((await rowsOf(sql)).length > 0, sql)
})

const overwrite = `COPY (SELECT 1) TO ${literal(path)} (USE_TMP_FILE false)`
const target = literal(`${lake.root}/out.csv`)
for (const [title, sql] of Object.entries({
  'COPY to a new file': `COPY (SELECT 1) TO ${target}`,
  'COPY over a file of the lake': overwrite,
  'EXPLAIN ANALYZE of a COPY': `EXPLAIN ANALYZE ${overwrite}`,
  'EXPLAIN ANALYZE of a COPY behind a comment': `/**/EXPLAIN ANALYZE COPY (SELECT 1) TO ${target}`,
  'EXPLAIN (ANALYZE) of a COPY': `EXPLAIN (ANALYZE) COPY (SELECT 1) TO ${target}`,
  'EXPORT DATABASE': `EXPORT DATABASE ${target}`,
  'reading a file of the machine': "SELECT * FROM read_text('/etc/passwd')",
  'reading a file by its name': "FROM '/etc/passwd.csv'",
  'listing a folder': "SELECT * FROM glob('/etc/*')",
  'sniffing a file': "SELECT * FROM sniff_csv('/etc/passwd')",
  ATTACH: "ATTACH '/tmp/other.db'",
  INSTALL: 'INSTALL httpfs',
  LOAD: 'LOAD httpfs',
  SET: 'SET threads = 1',
  'unlocking by SET': 'SET enable_external_access = true',
  RESET: 'RESET memory_limit',
  CALL: 'CALL pragma_version()',
  CREATE: 'CREATE TABLE x (a INTEGER)',
  'dropping a view': 'DROP VIEW bronze.events',
  INSERT: 'INSERT INTO bronze.events VALUES (1)',
  'a transaction': 'BEGIN',
  'preparing a statement': 'PREPARE x AS SELECT 1',
  'two statements': 'SELECT 1; SELECT 2',
  'a second statement behind a comment': 'SELECT 1 /*;*/; DROP VIEW bronze.events',
  'no statement': ' -- nothing',
  'a text with NUL': 'SELECT 1\0; DROP VIEW bronze.events',
}))
  test(`${title} is refused and changes nothing`, async () => {
    await assert.rejects(session.query(sql), (error: Error & { code?: string }) => {
      assert.match(error.code ?? '', /^INL_LAK_QUERY_(REFUSED|FAILED)$/)
      assert.match(error.message, /^this query (may not|cannot) run: /)
      return true
    })
    assert.deepEqual(await rowsOf('SELECT count(*) FROM bronze.events'), [[1n]])
  })

test('what is refused outright says why', async () => {
  const reasons: [string, RegExp][] = [
    ["ATTACH '/tmp/other.db'", /it is a ATTACH statement|Permission Error/],
    ['SET threads = 1', /it is a SET statement/],
    ['SELECT 1; SELECT 2', /it is 2 statements/],
    [' -- nothing', /it is empty/],
    ["SELECT * FROM read_text('/etc/passwd')", /Cannot access file/],
  ]
  for (const [sql, message] of reasons)
    await assert.rejects(session.query(sql), { code: 'INL_LAK_QUERY_REFUSED', message })
})

test("a user's mistake is told in DuckDB's words", async () => {
  const failed = { code: 'INL_LAK_QUERY_FAILED' }
  await assert.rejects(session.query('SELECT evnt_id FROM bronze.events'), {
    ...failed,
    message: /evnt_id[\s\S]*event_id/,
  })
  await assert.rejects(session.query('SELEC 1'), { ...failed, message: /syntax error/ })
  await assert.rejects(session.query('SELECT 1 +'), failed)
  await assert.rejects(session.query("SELECT 'x'::INTEGER"), { ...failed, message: /x/ })
})

test('a file that the lake has lost is named, and no fault of the query', async () => {
  const other = await openTestLake()
  try {
    await other.load([arrival(0)])
    const [added] = other.table.snapshot().files
    const path = await other.store.localPath(`bronze/arrivals/${added?.key}`)
    const found = { ...sqlOptions(other.root), tables, views: arrivalViews }
    const lost = async (reason: string) => {
      const fresh = await openQuery({ store: other.store }, found)
      const message = new RegExp(`${path}: ${reason}`)
      await assert.rejects(fresh.query('FROM bronze.events'), { code: 'INL_LAK_FILE', message })
      fresh.close()
      const run = other.engine.rows(`FROM read_parquet([${literal(path)}])`)
      await assert.rejects(run, { code: 'INL_LAK_FILE', message })
    }
    for (const bytes of ['cut', 'no end of a Parquet file']) {
      await writeFile(path, bytes)
      await lost('it is no Parquet file')
    }
    await rm(path)
    await lost('it is missing')
  } finally {
    await other.dispose()
  }
  for (const sql of ["FROM '/no/such.parquet'", "FROM read_parquet(['/no/such.parquet'])"])
    await assert.rejects(session.query(sql), { code: 'INL_LAK_QUERY_REFUSED' })
})

test('tables are listed by their qualified names, before any other is asked for', async () => {
  const fresh = await openQuery({ store: lake.store }, options)
  const all = ['arrivals', 'dead_letters', 'duplicates', 'events', 'notes'].map((name) => [
    `bronze.${name}`,
  ])
  const expected = [...all, ['silver.nothing']]
  const inSchema = "SELECT table_schema || '.' || table_name FROM information_schema.tables"
  for (const sql of ['show tables;', `${inSchema} ORDER BY ALL`, 'SHOW TABLES'])
    assert.deepEqual((await fresh.query(sql)).rows, expected)
  fresh.close()
})

test('a table of which only its shape was asked has its rows afterwards', async () => {
  const fresh = await openQuery({ store: lake.store }, options)
  await fresh.query('FROM information_schema.columns')
  const text = "SELECT count(*) FROM bronze.notes WHERE reason <> 'information_schema'"
  assert.deepEqual((await fresh.query(text)).rows, [[1n]])
  fresh.close()
})

test('a table that does not exist is told with the nearest that does', async () => {
  await assert.rejects(session.query('FROM silver.nothin'), { message: /Did you mean "nothing"/ })
  await assert.rejects(session.query('FROM bronze.evnts JOIN bronze.events USING (event_id)'), {
    message: /Did you mean "events"/,
  })
  assert.deepEqual(await rowsOf('SELECT count(*) FROM bronze.events'), [[1n]])
})

test('a query ends when its signal aborts', async () => {
  const aborted = AbortSignal.abort(new Error('enough'))
  await assert.rejects(session.query('SELECT 1', aborted), /enough/)
  const controller = new AbortController()
  const endless = session.query(
    'SELECT count(*) FROM range(1000000000000) a, range(1000000) b WHERE a.range % 7 = b.range',
    controller.signal,
  )
  setImmediate(() => controller.abort(new Error('enough')))
  await assert.rejects(endless, /enough/)
  assert.deepEqual(await rowsOf('SELECT 1::BIGINT'), [[1n]])
})
