/** What a rebuild of silver does with rows whose events retention took out of bronze. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nodeFiles } from '../../../../src/core/node-files.ts'
import { seededRandom, systemRandom } from '../../../../src/core/random.ts'
import { retainArrivals } from '../../../../src/loader/retention.ts'
import type { SilverRows } from '../../../../src/loader/silver/event-slice.ts'
import { rebuildSilver } from '../../../../src/loader/silver/rebuild.ts'
import { otherEvents } from '../../../../src/tables/silver.ts'
import { arrival, openTestLake, type TestLake } from '../../../support/lake.ts'
import { openTestSilver, plainSilver } from '../../../support/silver-rounds.ts'

const DAY = 86_400_000
const dayOne = Date.UTC(2026, 0, 1, 12)

/** Ten events that are received on one day; all happened on the first. */
function dayOf(day: number) {
  return Array.from({ length: 10 }, (_, at) =>
    arrival(10 * day + at, { receivedAt: dayOne + day * DAY }),
  )
}

const retain = (lake: TestLake, firstDay: string) =>
  retainArrivals({ ...lake, random: seededRandom(9) }, firstDay)

interface Change {
  readonly rows?: SilverRows
  readonly signal?: AbortSignal
  readonly onProgress?: (done: number) => void
}

function rebuild(lake: TestLake, change: Change = {}) {
  const { rows = plainSilver, onProgress = () => {} } = change
  const { signal = new AbortController().signal } = change
  const limits = { positions: 7, bytes: 2 ** 20 }
  return rebuildSilver(
    {
      ...{ ...lake, files: nodeFiles, random: systemRandom },
      ...{ observer: () => undefined, rows },
    },
    { scratch: lake.scratch, limits, marks: new Map(), signal, onProgress },
  )
}

async function positions(lake: TestLake, where = 'true'): Promise<number[]> {
  const { rows } = await lake.query(
    `SELECT position::DOUBLE FROM silver.other_events WHERE ${where} ORDER BY position`,
  )
  return rows.map(([position]) => Number(position))
}

const upTo = (end: number) => Array.from({ length: end }, (_, at) => at)

/** As other rules would make them. */
const otherRows: SilverRows = {
  ...plainSilver,
  async statements(slice) {
    const { statements, ...rest } = await plainSilver.statements(slice)
    const own = statements.map(({ table, select }) =>
      table === otherEvents
        ? { table, select: `SELECT * REPLACE ('made anew' AS body) FROM (${select})` }
        : { table, select },
    )
    return { ...rest, statements: own }
  },
}

async function withLake(use: (lake: TestLake) => Promise<void>): Promise<void> {
  const lake = await openTestLake()
  try {
    await use(lake)
  } finally {
    await lake.dispose()
  }
}

test('they stay as they are, in files of their own and among others; the rest is made anew', () =>
  withLake(async (lake) => {
    const { silver } = openTestSilver(lake)
    // A file of the first day alone, and one of the second and the third.
    await lake.land(dayOf(0))
    await silver.flush()
    await lake.land([...dayOf(1), ...dayOf(2)])
    await silver.flush()
    await retain(lake, '2026-01-02')
    await retain(lake, '2026-01-03')
    const { tables } = await rebuild(lake, { rows: otherRows })
    assert.deepEqual(
      tables.map(({ rows, kept }) => [rows, kept]),
      [
        [30, 20],
        [15, 10],
        [0, 0],
      ],
    )
    assert.deepEqual(await positions(lake), upTo(30))
    assert.deepEqual(
      await positions(lake, `body = 'made anew'`),
      upTo(30).filter((position) => position >= 20),
    )
    await lake.land(dayOf(3))
    await silver.flush()
    await rebuild(lake)
    assert.deepEqual(await positions(lake), upTo(40))
  }))

test('what retention takes while a rebuild begins is not lost, and is there once', () =>
  withLake(async (lake) => {
    await lake.land([...dayOf(0), ...dayOf(1)])
    await openTestSilver(lake).silver.flush()
    const other = await openTestLake({ root: lake.root, seed: 4, clock: lake.clock })
    let retained = 0
    const { putIfAbsent } = lake.store
    lake.store.putIfAbsent = async (...given) => {
      if (given[0].includes('_rebuild') && retained === 0)
        retained = (await retain(other, '2026-01-02')).rows
      return putIfAbsent.apply(lake.store, given)
    }
    try {
      await rebuild(lake)
      assert.equal(retained, 10)
      assert.deepEqual(await positions(lake), upTo(20))
    } finally {
      await other.dispose()
    }
  }))

test('a rebuild that was stopped goes on behind a retention without losing or doubling', () =>
  withLake(async (lake) => {
    await lake.land([...dayOf(0), ...dayOf(1)])
    await openTestSilver(lake).silver.flush()
    const stop = new AbortController()
    const onProgress = (done: number) => {
      if (done > 0) stop.abort()
    }
    await assert.rejects(rebuild(lake, { onProgress, signal: stop.signal }), /abort/i)
    const begun = await lake.store.list('silver/other_events/_rebuild/_delta_log/')
    assert.ok(begun.length > 2, 'it had come to rows')
    await retain(lake, '2026-01-02')
    await rebuild(lake)
    assert.deepEqual(await positions(lake), upTo(20))
  }))
