/** What retention takes out is missed by nobody, and nothing else goes unnoticed with it. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { seededRandom } from '../../../src/core/random.ts'
import { filesBefore, firstDayKept } from '../../../src/lake/retention.ts'
import { type AuditReport, audit } from '../../../src/loader/audit.ts'
import { appId } from '../../../src/loader/places.ts'
import { retainArrivals } from '../../../src/loader/retention.ts'
import type { Arrival } from '../../../src/tables/arrivals.ts'
import { arrival, openTestLake, type TestLake } from '../../support/lake.ts'

const DAY = 86_400_000
const place = { journalId: arrival(0).journalId, partition: arrival(0).journalPartition }
const dayOne = Date.UTC(2026, 0, 1, 12)

async function withLake(use: (lake: TestLake) => Promise<void>): Promise<void> {
  const lake = await openTestLake()
  try {
    await use(lake)
  } finally {
    await lake.dispose()
  }
}

/** As a loader would: rows and progress in one commit. */
async function land(lake: TestLake, rows: readonly Arrival[]): Promise<void> {
  const to = Math.max(...rows.map((row) => row.position)) + 1
  const adds = await lake.table.publish(await (await lake.lake.arrivalsWriter()).write(rows))
  const app = appId(place)
  const txns = [{ appId: app, from: lake.table.txn(app), to }]
  await lake.table.commit({ operation: 'WRITE', adds, txns })
}

/** Ten positions of a day: eight events, one dead letter, and the tally that covers them. */
function dayOf(day: number): Arrival[] {
  const first = 10 * day
  const receivedAt = dayOne + day * DAY
  const rows = Array.from({ length: 8 }, (_, at) => arrival(first + at, { receivedAt }))
  const letter = { outcome: 'dead_letter', eventId: null, reason: 'invalid_json' } as const
  const tally = { acknowledged: 9, filtered: 2, refused: { 401: 1 }, from: first, to: first + 9 }
  return [
    ...rows,
    arrival(first + 8, { receivedAt, ...letter }),
    arrival(first + 9, {
      ...{ receivedAt, outcome: 'note', eventId: null, body: null, bodySha256: null },
      ...{ reason: 'tally', detail: JSON.stringify(tally) },
    }),
  ]
}

function retain(lake: TestLake, firstDay: string) {
  return retainArrivals({ ...lake, random: seededRandom(9) }, firstDay)
}

async function auditOf(lake: TestLake): Promise<AuditReport> {
  const table = await lake.lake.find(lake.table.definition)
  assert.ok(table !== null)
  return audit(lake, table, { scopes: new Map(), most: 10 })
}

test('days are kept whole, and the youngest that may go is older than what is kept', () => {
  const now = Date.UTC(2026, 5, 10, 6)
  assert.equal(firstDayKept(now, 3 * DAY), '2026-06-07')
  const file = (key: string, date: string | null) => ({
    ...{ key, partitionValues: { date }, size: 1, modificationTime: 0, stats: null, version: 0 },
  })
  const files = [file('a', '2026-06-06'), file('b', '2026-06-07'), file('c', null)]
  assert.deepEqual(
    filesBefore(files, '2026-06-07').map(({ key }) => key),
    ['a'],
  )
})

test('the audit stays clean and counts on what ingress said', () =>
  withLake(async (lake) => {
    for (let day = 0; day < 4; day++) await land(lake, dayOf(day))
    assert.deepEqual(await retain(lake, '2026-01-02'), { files: 2, rows: 9 })
    assert.deepEqual(await retain(lake, '2026-01-02'), { files: 0, rows: 0 })
    assert.deepEqual(await retain(lake, '2026-01-04'), { files: 4, rows: 18 })
    const { clean, missing, ...counts } = await auditOf(lake)
    assert.deepEqual([clean, missing], [true, []])
    const { acknowledged, events, deadLetters, notes, filtered, refused, retired } = counts
    assert.deepEqual(
      { acknowledged, events, deadLetters, notes, filtered, refused, retired },
      {
        ...{ acknowledged: 36, events: 8, deadLetters: 1, notes: 6 },
        ...{ filtered: 8, refused: 4, retired: 27 },
      },
    )
  }))

test('what went and no tally covers still counts as acknowledged', () =>
  withLake(async (lake) => {
    const untold = dayOf(0).slice(0, 9)
    await land(lake, untold)
    assert.equal((await auditOf(lake)).acknowledged, 9)
    await retain(lake, '2026-01-02')
    const { acknowledged, clean } = await auditOf(lake)
    assert.deepEqual([acknowledged, clean], [9, true])
  }))

test('a hole beside what went, and a promise that was not kept, are still found', () =>
  withLake(async (lake) => {
    await land(lake, dayOf(0).slice(0, 4))
    await land(lake, dayOf(0).slice(6))
    await land(lake, dayOf(1).slice(1))
    await retain(lake, '2026-01-02')
    assert.deepEqual((await auditOf(lake)).missing, [
      { partition: 'gateway-0', journalId: place.journalId, from: 4, to: 5 },
      { partition: 'gateway-0', journalId: place.journalId, from: 10, to: 10 },
      { source: 'genesys-prod', acknowledged: 18, landed: 15 },
    ])
  }))

test('rows go with the day on which they were received, in whatever order they landed', () =>
  withLake(async (lake) => {
    await land(lake, dayOf(3))
    const late = dayOf(5).map((row) => ({ ...row, receivedAt: dayOne }))
    await land(lake, [...dayOf(4).map((row) => ({ ...row })), ...late])
    await retain(lake, '2026-01-02')
    const { missing, retired } = await auditOf(lake)
    assert.equal(retired, 9)
    assert.deepEqual(missing.slice(0, 1), [
      { partition: 'gateway-0', journalId: place.journalId, from: 0, to: 29 },
    ])
    assert.equal(missing.length, 1)
  }))

test('what a loader lands in the same moment is neither lost nor lets it be lost', () =>
  withLake(async (lake) => {
    await land(lake, dayOf(0))
    await Promise.all([
      retain(lake, '2026-01-02'),
      land(lake, dayOf(1)),
      retain(lake, '2026-01-02'),
    ])
    const { clean, events, retired } = await auditOf(lake)
    assert.deepEqual({ clean, events, retired }, { clean: true, events: 8, retired: 9 })
  }))

test('notes are kept, whatever their age', () =>
  withLake(async (lake) => {
    await land(lake, dayOf(0))
    await retain(lake, '2030-01-01')
    const { rows } = await lake.query('SELECT reason FROM bronze.notes ORDER BY reason')
    assert.deepEqual(rows, [['retention'], ['tally']])
    assert.equal((await auditOf(lake)).clean, true)
  }))
