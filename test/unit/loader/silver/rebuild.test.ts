import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nodeFiles } from '../../../../src/core/node-files.ts'
import { systemRandom } from '../../../../src/core/random.ts'
import type { ObjectStore } from '../../../../src/lake/store/object-store.ts'
import { RULES_MARK } from '../../../../src/loader/progress/marks.ts'
import type { SilverRows } from '../../../../src/loader/silver/event-slice.ts'
import { rebuildSilver } from '../../../../src/loader/silver/rebuild.ts'
import { otherEvents } from '../../../../src/tables/silver.ts'
import { arrivalRange, openTestLake, type TestLake } from '../../../support/lake.ts'
import { openTestSilver, plainSilver } from '../../../support/silver-rounds.ts'

const limits = { positions: 7, bytes: 2 ** 20 }

interface Change {
  readonly store?: ObjectStore
  readonly onProgress?: () => void
  readonly rules?: number
  readonly rows?: SilverRows
}

function rebuild(lake: TestLake, change: Change = {}) {
  const { onProgress = () => {}, store = lake.store, rules = 1, rows = plainSilver } = change
  const marks = new Map([[RULES_MARK, rules]])
  return rebuildSilver(
    {
      ...{ ...lake, store, files: nodeFiles, random: systemRandom },
      ...{ observer: () => undefined, rows },
    },
    { scratch: lake.scratch, limits, marks, signal: new AbortController().signal, onProgress },
  )
}

async function rowsOf(lake: TestLake): Promise<string[]> {
  const { rows } = await lake.query(
    'SELECT o::VARCHAR FROM silver.other_events o ORDER BY journal_partition, position',
  )
  return rows.map(([text]) => String(text))
}

test('a rebuild gives the rows that were there, and loses what was not of bronze', async () => {
  const lake = await openTestLake()
  try {
    await lake.land(arrivalRange(0, 30))
    await openTestSilver(lake).silver.flush()
    const before = await rowsOf(lake)
    const table = await lake.lake.table(plainSilver.tables[0] ?? assert.fail())
    const [stray] = table.snapshot().files
    assert.ok(stray !== undefined)
    await table.commit({ operation: 'WRITE', removes: [stray] })
    assert.deepEqual(await rowsOf(lake), [])
    const { tables } = await rebuild(lake)
    assert.deepEqual(tables, [
      { table: 'silver.other_events', rows: 30, kept: 0 },
      { table: 'silver.agent_states', rows: 15, kept: 0 },
      { table: 'silver.violations', rows: 0, kept: 0 },
    ])
    assert.deepEqual(await rowsOf(lake), before)
    assert.deepEqual(await lake.store.list('silver/other_events/_rebuild/'), [])
    await lake.land(arrivalRange(30, 35))
    await openTestSilver(lake).silver.flush()
    assert.equal((await rowsOf(lake)).length, 35)
    await rebuild(lake)
    assert.equal((await rowsOf(lake)).length, 35)
  } finally {
    await lake.dispose()
  }
})

test('a loader goes on beside a rebuild, and every event is there once', async () => {
  const lake = await openTestLake()
  const other = await openTestLake({ root: lake.root, seed: 2, clock: lake.clock })
  try {
    await lake.land(arrivalRange(0, 40))
    const { silver } = openTestSilver(lake)
    await silver.flush()
    let landed = 40
    let busy: Promise<unknown> = Promise.resolve()
    const goOn = async () => {
      await lake.land(arrivalRange(landed, landed + 3))
      landed += 3
      await silver.flush()
    }
    await rebuild(other, {
      onProgress: () => {
        busy = busy.then(goOn)
      },
    })
    await busy
    await silver.flush().catch(() => undefined)
    await silver.flush()
    const rows = await rowsOf(lake)
    assert.equal(rows.length, landed)
    assert.equal(new Set(rows).size, landed)
  } finally {
    await other.dispose()
    await lake.dispose()
  }
})

test('whichever write a rebuild ends at, it is done when it is run again', async () => {
  const lake = await openTestLake()
  try {
    await lake.land(arrivalRange(0, 20))
    await openTestSilver(lake).silver.flush()
    const before = await rowsOf(lake)
    let ended = 0
    for (let writes = 0; ; writes++) {
      const other = await openTestLake({ root: lake.root, seed: 10 + writes, clock: lake.clock })
      const store = endingAt(other.store, writes)
      const done = await rebuild(other, { store }).then(
        () => true,
        () => false,
      )
      await other.dispose()
      assert.deepEqual(await rowsOf(lake), before, `after ${writes} writes`)
      if (done) break
      ended++
    }
    assert.ok(ended > 5)
  } finally {
    await lake.dispose()
  }
})

/** The store itself, of which nothing is left after some writes. */
function endingAt(store: ObjectStore, writes: number): ObjectStore {
  let left = writes
  const spent = () => {
    if (left-- <= 0) throw new Error('the process has ended')
  }
  const { publish, putIfAbsent, remove } = store
  store.publish = async (...args) => {
    spent()
    await publish.apply(store, args)
  }
  store.putIfAbsent = async (...args) => {
    spent()
    return await putIfAbsent.apply(store, args)
  }
  store.remove = async (...args) => {
    spent()
    await remove.apply(store, args)
  }
  return store
}

test('a rebuild that ended and goes on under other rules begins anew', async () => {
  const lake = await openTestLake()
  const other = await openTestLake({ root: lake.root, seed: 3, clock: lake.clock })
  const mood = async () => {
    const { rows } = await lake.query('SELECT DISTINCT body FROM silver.other_events ORDER BY 1')
    return rows.map(([text]) => text)
  }
  try {
    await lake.land(arrivalRange(0, 40))
    const enough = 16
    const store = endingAt(other.store, enough)
    await assert.rejects(rebuild(other, { store, rows: saying('old'), rules: 1 }), /has ended/)
    const begun = await lake.store.list('silver/other_events/_rebuild/_delta_log/')
    assert.ok(begun.length > 2, 'it had come to rows')
    await rebuild(lake, { rows: saying('new'), rules: 2 })
    assert.deepEqual(await mood(), ['new'])
    await rebuild(lake, { rows: saying('newest'), rules: 2 })
    assert.deepEqual(await mood(), ['newest'])
    const table = await lake.lake.table(otherEvents)
    assert.equal(table.txn(RULES_MARK), 2)
  } finally {
    await other.dispose()
    await lake.dispose()
  }
})

/** Rows whose body tells under which rules they were made. */
function saying(word: string): SilverRows {
  return {
    ...plainSilver,
    async statements(slice) {
      const { statements, ...rest } = await plainSilver.statements(slice)
      const own = statements.map(({ table, select }) => ({
        table,
        select:
          table === otherEvents ? `SELECT * REPLACE ('${word}' AS body) FROM (${select})` : select,
      }))
      return { ...rest, statements: own }
    },
  }
}
