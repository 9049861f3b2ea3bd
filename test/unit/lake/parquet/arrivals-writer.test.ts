import assert from 'node:assert/strict'
import { readdir } from 'node:fs/promises'
import { basename } from 'node:path'
import { test } from 'node:test'
import fc from 'fast-check'
import { compactionLimits } from '../../../../src/lake/delta/compaction.ts'
import { arrivalColumns } from '../../../../src/lake/parquet/arrival-columns.ts'
import { literal } from '../../../../src/lake/sql/quote.ts'
import { type Arrival, arrivals } from '../../../../src/tables/arrivals.ts'
import { arrival, arrivalRange, openTestLake, type TestLake } from '../../../support/lake.ts'

async function withLake(run: (lake: TestLake) => Promise<void>) {
  const lake = await openTestLake()
  try {
    await run(lake)
  } finally {
    await lake.dispose()
  }
}

/** What the table should hold of a row, column by column. */
function expected(row: Arrival): Record<string, unknown> {
  const utf8 = row.body !== null && Buffer.from(row.body.toString()).equals(row.body)
  const well = (value: string | null) => value?.toWellFormed() ?? null
  const time = (value: number | null) => (value === null ? null : new Date(value).toISOString())
  return {
    outcome: row.outcome,
    date: new Date(row.receivedAt).toISOString().slice(0, 10),
    event_id: well(row.eventId),
    org_id: well(row.orgId),
    source: well(row.source),
    dialect: well(row.dialect),
    topic: well(row.topic),
    event_type: well(row.eventType),
    event_time: time(row.eventTime),
    event_time_source: well(row.eventTimeSource),
    received_at: time(row.receivedAt),
    conversation_id: well(row.conversationId),
    sender: well(row.sender),
    headers: well(row.headers),
    body: utf8 ? (row.body?.toString() ?? null) : null,
    body_bytes: utf8 || row.body === null ? null : Buffer.from(row.body),
    body_sha256: row.bodySha256 && Buffer.from(row.bodySha256).toString('hex'),
    reason: well(row.reason),
    detail: well(row.detail),
    first_position: row.firstPosition === null ? null : BigInt(row.firstPosition),
    journal_id: well(row.journalId),
    journal_partition: well(row.journalPartition),
    position: BigInt(row.position),
  }
}

async function stored(lake: TestLake): Promise<Record<string, unknown>[]> {
  const { columns, rows } = await lake.query('SELECT * FROM bronze.arrivals ORDER BY position')
  return rows.map((row) =>
    Object.fromEntries(columns.map(({ name }, index) => [name, row[index] ?? null])),
  )
}

const unit = fc.oneof(
  fc.constantFrom('\0', '\ud800', '\udc00', '😀', "'", '"', '\n'),
  fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)),
)
const text = fc.option(fc.string({ unit, maxLength: 8 }))
const time = fc.integer({ min: -62_135_596_800_000, max: 253_402_300_799_999 })
const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 40 }),
  fc.string({ unit, maxLength: 20 }).map((one) => Buffer.from(one)),
)
const anyArrival = fc.record({
  outcome: fc.constantFrom('event', 'duplicate', 'dead_letter', 'note'),
  eventId: text,
  orgId: text,
  source: text,
  dialect: text,
  topic: text,
  eventType: text,
  eventTime: fc.option(time),
  eventTimeSource: text,
  receivedAt: time,
  conversationId: text,
  sender: text,
  headers: text,
  body: fc.option(bytes.map((one) => Buffer.from(one))),
  bodySha256: fc.option(fc.uint8Array({ minLength: 32, maxLength: 32 })),
  reason: text,
  detail: text,
  firstPosition: fc.option(fc.nat(Number.MAX_SAFE_INTEGER)),
  journalId: fc.string({ unit, maxLength: 4 }),
  journalPartition: fc.string({ unit, maxLength: 4 }),
})

test('the columns that are fed are those of the table, in its order', () => {
  const own = arrivals.columns.filter(({ name }) => !arrivals.partitionedBy.includes(name))
  assert.deepEqual(
    arrivalColumns.map(({ name, type }) => ({ name, type })),
    own.map(({ name, type }) => ({ name, type })),
  )
})

test('whatever the values, the table holds them exactly', () =>
  withLake(async (lake) => {
    let next = 0
    const kept: Record<string, unknown>[] = []
    await fc.assert(
      fc.asyncProperty(fc.array(anyArrival, { minLength: 1, maxLength: 20 }), async (drawn) => {
        const rows = drawn.map((one) => ({ ...one, position: next++ }))
        kept.push(...rows.map(expected))
        await lake.load(rows)
      }),
      { numRuns: 20, endOnFailure: true },
    )
    assert.deepEqual(await stored(lake), kept)
  }))

test('a batch is one file for each outcome and day, each with its rows in order', () =>
  withLake(async (lake) => {
    const midnight = Date.UTC(2026, 0, 2)
    const rows = [
      arrival(0, { receivedAt: midnight - 1 }),
      arrival(1, { receivedAt: midnight }),
      arrival(2, { receivedAt: midnight - 1, outcome: 'note' }),
      arrival(3, { receivedAt: midnight - 1 }),
    ]
    const writer = await lake.lake.arrivalsWriter()
    const files = await writer.write(rows)
    assert.deepEqual(
      files.map(({ partitionValues, rows: count }) => ({ ...partitionValues, count })),
      [
        { outcome: 'event', date: '2026-01-01', count: 2 },
        { outcome: 'event', date: '2026-01-02', count: 1 },
        { outcome: 'note', date: '2026-01-01', count: 1 },
      ],
    )
    const read = await lake.engine.rows(
      `SELECT position FROM ${literal(files[0]?.localPath ?? '')}`,
    )
    assert.deepEqual(read, [{ position: 0n }, { position: 3n }])
  }))

test('a file says how many rows it has and between which bounds', () =>
  withLake(async (lake) => {
    const writer = await lake.lake.arrivalsWriter()
    const [file] = await writer.write([arrival(7), arrival(5, { eventTime: null }), arrival(6)])
    const stats = JSON.parse(file?.stats ?? '')
    assert.equal(stats.numRecords, 3)
    assert.deepEqual([stats.minValues.position, stats.maxValues.position], [5, 7])
    assert.deepEqual(
      [stats.minValues.event_id, stats.maxValues.event_id, stats.nullCount.event_time],
      ['event-5', 'event-7', 1],
    )
    assert.equal(stats.minValues.received_at, '2026-01-01T12:00:00.005Z')
    const measured = arrivals.columns.filter(({ statistics }) => statistics)
    assert.deepEqual(
      Object.keys(stats.nullCount),
      measured.map(({ name }) => name),
    )
  }))

test('more rows than a chunk and more texts than a dictionary pass whole', () =>
  withLake(async (lake) => {
    const rows = arrivalRange(0, 5000).map((row) => ({ ...row, sender: `sender-${row.position}` }))
    await lake.load(rows)
    const { rows: found } = await lake.query(
      `SELECT count(*), count(DISTINCT sender), count(DISTINCT body), sum(position)::BIGINT
       FROM bronze.events`,
    )
    assert.deepEqual(found, [[5000n, 5000n, 5000n, BigInt((4999 * 5000) / 2)]])
  }))

test('what was written and not published makes way for the next batch', () =>
  withLake(async (lake) => {
    const writer = await lake.lake.arrivalsWriter()
    const before = await readdir(lake.scratch)
    await writer.write(arrivalRange(0, 3))
    const [file] = await writer.write(arrivalRange(0, 3))
    assert.deepEqual(
      (await readdir(lake.scratch)).filter((name) => !before.includes(name)),
      [basename(file?.localPath ?? '')],
    )
  }))

test('a batch that cannot be written keeps none that follows from being written', () =>
  withLake(async (lake) => {
    const writer = await lake.lake.arrivalsWriter()
    const bad = arrival(1, { eventTime: 1e300 })
    await assert.rejects(writer.write([arrival(0, { outcome: 'note' }), bad]))
    await lake.table.publish(await writer.write(arrivalRange(0, 3)))
    const left = (await readdir(lake.scratch)).filter((name) => name.endsWith('.parquet'))
    assert.deepEqual(left, [])
  }))

test('large bodies are parted into row groups, by the writer and by compaction', () =>
  withLake(async (lake) => {
    const body = (n: number) => Buffer.from(`${n}`.padEnd(2 ** 20 * (n === 20 ? 8 : 1), `${n} `))
    const rows = Array.from({ length: 40 }, (_, n) => arrival(n, { body: body(n) }))
    for (const row of [rows, ...rows.slice(0, 3).map((one) => [one])]) await lake.load(row)
    const largest = async () => {
      const [file] = lake.table.snapshot().files
      const path = literal(await lake.store.localPath(`${lake.table.key}/${file?.key}`))
      const found = await lake.engine.rows(
        `SELECT max(row_group_num_rows)::INTEGER AS rows FROM parquet_metadata(${path})`,
      )
      return found[0]?.['rows']
    }
    assert.equal(await largest(), 16)
    const limits = { ...compactionLimits, smallFiles: 2 }
    await lake.lake.upkeep.compact(lake.table, { limits })
    assert.equal(lake.table.snapshot().files.length, 1)
    assert.ok(Number(await largest()) <= 32)
    const { rows: found } = await lake.query(
      'SELECT count(*), sum(strlen(body))::BIGINT FROM bronze.events',
    )
    assert.deepEqual(found, [[43n, BigInt((43 + 7) * 2 ** 20)]])
  }))

test('a file tells the bounds of no column but those that may be told', () =>
  withLake(async (lake) => {
    const eventId = (n: number) => `${n}`.padStart(300, 'e')
    const rows = [0, 1].map((n) => arrival(n, { body: Buffer.from(`secret ${n}`) }))
    const long = [2, 3].map((n) => arrival(n, { eventId: eventId(n) }))
    const writer = await lake.lake.arrivalsWriter()
    const told: unknown[] = []
    for (const batch of [rows, long]) {
      const [file] = await writer.write(batch)
      const found = await lake.engine.rows(
        `SELECT path_in_schema AS name FROM parquet_metadata(${literal(file?.localPath ?? '')})
         WHERE stats_min_value IS NOT NULL OR stats_max_value IS NOT NULL`,
      )
      told.push(found.map(({ name }) => name))
    }
    const measured = arrivalColumns.filter((column) => column.measured).map(({ name }) => name)
    assert.deepEqual(told, [measured, measured.filter((name) => name !== 'event_id')])
  }))

test('what a file tells of its row groups is true', () =>
  withLake(async (lake) => {
    const writer = await lake.lake.arrivalsWriter()
    const texts = (n: number) => ({
      eventId: `${(n * 7919) % 40_000}`,
      eventTime: n % 3 ? n : null,
    })
    const rows = arrivalRange(0, 40_000).map((row) => ({ ...row, ...texts(row.position) }))
    const [file] = await writer.write(rows)
    const path = literal(file?.localPath ?? '')
    const read = `read_parquet(${path}, file_row_number = true)`
    const found = await lake.engine.rows(`
      SELECT file_row_number // 16384 AS part, min(event_id) AS least, max(event_id) AS greatest,
        min(position)::VARCHAR AS first, count(*) - count(event_time) AS nulls
      FROM ${read} GROUP BY part ORDER BY part`)
    const told = await lake.engine.rows(`
      SELECT row_group_id AS part,
        any_value(stats_min_value) FILTER (path_in_schema = 'event_id') AS least,
        any_value(stats_max_value) FILTER (path_in_schema = 'event_id') AS greatest,
        any_value(stats_min_value) FILTER (path_in_schema = 'position') AS first,
        any_value(stats_null_count) FILTER (path_in_schema = 'event_time') AS nulls
      FROM parquet_metadata(${path}) GROUP BY part ORDER BY part`)
    assert.equal(told.length, 3)
    assert.deepEqual(told, found)
  }))
