import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ObjectStore } from '../../../../src/lake/store/object-store.ts'
import type { Layer } from '../../../../src/loader/progress/layer-loop.ts'
import { breaking, makeBreakable } from '../../../support/broken-engine.ts'
import { arrival, arrivalRange, openTestLake, type TestLake } from '../../../support/lake.ts'
import { openTestSilver, plainSilver } from '../../../support/silver-rounds.ts'

const DAY_MS = 86_400_000

/** The position and a column of every row, in order. */
async function rowsOf(lake: TestLake, table = 'silver.other_events', column = 'event_id') {
  const { rows } = await lake.query(
    `SELECT concat_ws(' ', position, ${column}) FROM ${table} ORDER BY position, 1`,
  )
  return rows.map(([text]) => String(text))
}

test('every event is in silver once, in slices of any size, and nothing else is', async () => {
  const lake = await openTestLake()
  try {
    const rows = [...arrivalRange(0, 40), arrival(40, { outcome: 'note', body: null })]
    rows.push(...arrivalRange(0, 7).map((row) => ({ ...row, journalPartition: 'gateway-1' })))
    await lake.land(rows)
    await lake.land(arrivalRange(41, 60))
    const { silver, told } = openTestSilver(lake, { limits: { positions: 9, bytes: 2 ** 20 } })
    await silver.flush()
    const { rows: found } = await lake.query(
      `SELECT journal_partition, count(*)::INTEGER, count(DISTINCT event_id)::INTEGER
       FROM silver.other_events GROUP BY ALL ORDER BY ALL`,
    )
    assert.deepEqual(found, [
      ['gateway-0', 59, 59],
      ['gateway-1', 7, 7],
    ])
    assert.equal((await rowsOf(lake, 'silver.agent_states')).length, 33)
    assert.ok(told.filter(({ event }) => event === 'silver_committed').length > 6)
    const before = told.length
    await silver.flush()
    assert.equal(told.length, before)
    await silver.stop()
  } finally {
    await lake.dispose()
  }
})

test('what failed between the commits of two tables is made good by each for itself', async () => {
  const lake = await openTestLake()
  try {
    await lake.land(arrivalRange(0, 10))
    const { silver } = openTestSilver(lake)
    await silver.flush()
    await lake.land(arrivalRange(10, 20))
    const other = await openTestLake({ root: lake.root, seed: 2, clock: lake.clock })
    const failing = openTestSilver({ ...other, lake: refusing(other, 'silver.agent_states') })
    await assert.rejects(failing.silver.flush(), /no room/)
    assert.equal((await rowsOf(lake)).length, 20)
    assert.equal((await rowsOf(lake, 'silver.agent_states')).length, 5)
    await lake.land(arrivalRange(20, 30))
    await openTestSilver(lake).silver.flush()
    assert.equal((await rowsOf(lake)).length, 30)
    assert.equal((await rowsOf(lake, 'silver.agent_states')).length, 15)
    await silver.flush()
    assert.equal((await rowsOf(lake)).length, 30)
    await other.dispose()
  } finally {
    await lake.dispose()
  }
})

/** The lake, whose table of that name cannot be committed to. */
function refusing({ lake }: TestLake, name: string): TestLake['lake'] {
  return {
    ...lake,
    async table(definition) {
      const table = await lake.table(definition)
      if (definition.name === name) table.commit = () => Promise.reject(new Error('no room'))
      return table
    },
  }
}

test('of two loaders at once each event is in silver once', async () => {
  const lake = await openTestLake()
  const other = await openTestLake({ root: lake.root, seed: 2, clock: lake.clock })
  try {
    await lake.land(arrivalRange(0, 50))
    const limits = { positions: 7, bytes: 2 ** 20 }
    const both = [lake, other].map((one) => openTestSilver(one, { limits }).silver)
    await Promise.all(both.map((silver) => silver.flush()))
    assert.equal((await rowsOf(lake)).length, 50)
    assert.equal((await rowsOf(lake, 'silver.agent_states')).length, 25)
  } finally {
    await other.dispose()
    await lake.dispose()
  }
})

test('bodies that DuckDB cannot read are mended or told of, and hold up nothing', async () => {
  const lake = await openTestLake()
  try {
    const deep = `{"text":${'['.repeat(100_000)}${']'.repeat(100_000)}}`
    const bodies = [
      '{"text":"plain"}',
      String.raw`{"text":"a\ud800b"}`,
      String.raw`{"text":"a\u0000b"}`,
      String.raw`{"text":"\ud83d\ude00 and \\ud800"}`,
      deep,
      '{"text":"last"}',
      '\ufeff{"text":"behind a byte order mark"}',
    ]
    await lake.land(bodies.map((body, at) => arrival(at, { body: Buffer.from(body) })))
    await openTestSilver(lake).silver.flush()
    assert.deepEqual(await rowsOf(lake, 'silver.other_events', 'body'), [
      '0 plain',
      '1 a\ufffdb',
      '2 a\ufffdb',
      '3 \u{1f600} and \\ud800',
      '5 last',
      '6 behind a byte order mark',
    ])
    assert.deepEqual(await rowsOf(lake, 'silver.violations', 'rule'), [
      '1 not_unicode',
      '2 not_unicode',
      '4 not_readable_by_sql',
    ])
  } finally {
    await lake.dispose()
  }
})

test('large bodies come in smaller slices: DuckDB holds several times their bytes', async () => {
  const lake = await openTestLake()
  try {
    const large = (at: number) =>
      arrival(at, { body: Buffer.from(`{"a":"${'x'.repeat(40_000)}"}`) })
    await lake.land(Array.from({ length: 500 }, (_, at) => large(at)))
    const { silver, told } = openTestSilver(lake)
    await silver.flush()
    const slices = told.filter(({ event }) => event === 'silver_committed').length
    assert.ok(slices >= 3, `${slices} slices`)
    assert.equal((await rowsOf(lake)).length, 500)
  } finally {
    await lake.dispose()
  }
})

test('an impossible time is told of, and the time of receipt files the row', async () => {
  const lake = await openTestLake()
  try {
    const receivedAt = Date.UTC(2026, 5, 1)
    const times = [-401, -399, 0.5, 1.5].map((days) => receivedAt + days * DAY_MS)
    const rows = times.map((eventTime, at) => arrival(at, { eventTime, receivedAt }))
    await lake.land([...rows, arrival(4, { eventTime: null, receivedAt })])
    await openTestSilver(lake).silver.flush()
    assert.deepEqual(await rowsOf(lake, 'silver.other_events', 'date'), [
      '0 2026-06-01',
      '1 2025-04-28',
      '2 2026-06-01',
      '3 2026-06-01',
      '4 2026-06-01',
    ])
    assert.deepEqual(
      await rowsOf(lake, 'silver.violations', "concat_ws(' ', rule, path, date)"),
      [0, 3].map((at) => `${at} event_time_impossible detail.eventBody.eventTime 2026-06-01`),
    )
  } finally {
    await lake.dispose()
  }
})

test('the event that DuckDB raises at is found, kept out and remembered', async () => {
  const lake = await openTestLake()
  try {
    const rows = arrivalRange(0, 300)
    rows[217] = arrival(217, { body: Buffer.from('{"text":"x","number":"none"}') })
    await lake.land(rows)
    const { silver, told } = openTestSilver(lake, { rows: castingNumbers })
    let failures = 0
    for (let done = false; !done; ) {
      done = await silver.flush().then(
        () => true,
        () => false,
      )
      if (!done) failures++
      assert.ok(failures < 10)
    }
    assert.equal((await rowsOf(lake)).length, 299)
    assert.deepEqual(await rowsOf(lake, 'silver.violations', 'rule'), ['217 not_readable_by_sql'])
    const spared = told.filter(({ event }) => event === 'silver_spared')
    assert.deepEqual(
      spared.map(({ fields }) => fields['position']),
      [217],
    )
  } finally {
    await lake.dispose()
  }
})

/** Raises where `number` is none. */
const castingNumbers: typeof plainSilver = {
  ...plainSilver,
  async statements(slice) {
    const plain = await plainSilver.statements(slice)
    const cast = `SELECT sum((body::JSON->>'$.number')::INTEGER) FROM ${slice.relation}`
    return { ...plain, prepare: [`CREATE OR REPLACE TABLE number AS ${cast}`] }
  },
}

test('an event that breaks the engine is found and kept out, without a restart', async () => {
  const lake = await openTestLake()
  try {
    const rows = arrivalRange(0, 60)
    rows[41] = arrival(41, { body: Buffer.from('{"text":"breaks"}') })
    await lake.land(rows)
    const { silver, told } = openTestSilver(lake, { rows: breakable })
    await untilFlushed(silver)
    assert.equal((await rowsOf(lake)).length, 59)
    assert.deepEqual(await rowsOf(lake, 'silver.violations', 'rule'), ['41 not_readable_by_sql'])
    assert.equal(told.filter(({ event }) => event === 'silver_spared').length, 1)
    assert.ok(lake.engine.opened > 1, 'it had broken')
    await lake.land(arrivalRange(60, 70))
    await silver.flush()
    assert.equal((await rowsOf(lake)).length, 69)
  } finally {
    await lake.dispose()
  }
})

const breakable: typeof plainSilver = {
  ...plainSilver,
  async statements(slice) {
    await makeBreakable(slice.engine)
    const plain = await plainSilver.statements(slice)
    const broken = `SELECT ${breaking} AS text FROM ${slice.relation}
      WHERE contains(body, 'breaks')`
    return { ...plain, prepare: [`CREATE OR REPLACE TABLE broken AS ${broken}`] }
  },
}

async function untilFlushed(silver: Layer): Promise<void> {
  for (let failures = 0; ; failures++) {
    const error = await silver.flush().then(
      () => null,
      (found: unknown) => found,
    )
    if (error === null) return
    assert.ok(failures < 12, String(error))
  }
}

test('an event is not at fault for memory that others hold', async () => {
  const lake = await openTestLake()
  try {
    const rows = arrivalRange(0, 20)
    rows[7] = arrival(7, { body: Buffer.from('{"text":"large"}') })
    await lake.land(rows)
    const { silver, told } = openTestSilver(lake, { rows: hungry })
    await lake.engine.run("SET memory_limit = '24MB'")
    await untilFlushed(silver)
    assert.equal((await rowsOf(lake)).length, 20)
    assert.deepEqual(
      told.filter(({ event }) => event === 'silver_spared'),
      [],
    )
  } finally {
    await lake.dispose()
  }
})

/** Takes memory that cannot spill, for one event. */
const hungry: typeof plainSilver = {
  ...plainSilver,
  async statements(slice) {
    const plain = await plainSilver.statements(slice)
    const large = `SELECT 1 FROM ${slice.relation} WHERE contains(body, 'large')`
    const list = `SELECT len(list(i)) FROM range(4000000) AS many(i) WHERE EXISTS (${large})`
    return { ...plain, prepare: [`CREATE OR REPLACE TABLE much AS ${list}`] }
  },
}

test('a failure of DuckDB is told without the value that it is about', async () => {
  const lake = await openTestLake()
  try {
    await lake.land([arrival(0, { body: Buffer.from('{"number":"secret"}') })])
    const { silver } = openTestSilver(lake, { rows: castingNumbers })
    await assert.rejects(silver.flush(), (error: Error) => {
      assert.match(error.message, /Conversion Error/)
      return !JSON.stringify([error.message, error.cause, error.stack]).includes('secret')
    })
  } finally {
    await lake.dispose()
  }
})

test('a lake that takes nothing leaves no files in the making', async () => {
  const lake = await openTestLake()
  try {
    await lake.land(arrivalRange(0, 10))
    const publish = lake.store.publish.bind(lake.store)
    const store: ObjectStore = lake.store
    store.publish = () => Promise.reject(new Error('no room'))
    await assert.rejects(openTestSilver(lake).silver.flush(), /no room/)
    store.publish = publish
    const { readdir } = await import('node:fs/promises')
    const left = (await readdir(lake.scratch)).filter((name) => name.endsWith('.parquet'))
    assert.deepEqual(left, [])
  } finally {
    await lake.dispose()
  }
})
