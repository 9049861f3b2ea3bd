/** The audit must see the very faults that it looks for: each is planted here. */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { test } from 'node:test'
import { type AuditReport, audit } from '../../../src/loader/audit.ts'
import { appId } from '../../../src/loader/places.ts'
import type { Arrival } from '../../../src/tables/arrivals.ts'
import { arrival, arrivalRange, openTestLake, type TestLake } from '../../support/lake.ts'

const place = { journalId: arrival(0).journalId, partition: arrival(0).journalPartition }
const options = { scopes: new Map([['twin', 'genesys-prod']]), most: 10 }

async function auditOf(
  rows: readonly Arrival[],
  change: (lake: TestLake) => Promise<void> = async () => {},
): Promise<AuditReport> {
  const lake = await openTestLake()
  try {
    await land(lake, rows)
    await change(lake)
    return await audit(lake, lake.table, options)
  } finally {
    await lake.dispose()
  }
}

/** As a loader would: rows and progress in one commit. */
async function land(lake: TestLake, rows: readonly Arrival[]): Promise<void> {
  const to = Math.max(...rows.map((row) => row.position)) + 1
  const writer = await lake.lake.arrivalsWriter()
  const adds = await lake.table.publish(await writer.write(rows))
  const app = appId(place)
  await lake.table.commit({
    operation: 'WRITE',
    adds,
    txns: [{ appId: app, from: lake.table.txn(app), to }],
  })
}

function note(position: number, reason: string, detail: object): Arrival {
  const nothing = { eventId: null, body: null, bodySha256: null }
  return arrival(position, {
    ...nothing,
    outcome: 'note',
    reason,
    detail: JSON.stringify(detail),
  })
}

test('what landed whole is clean, and every outcome is counted', async () => {
  const counted = { acknowledged: 6, stored: 4, filtered: 3, filteredFor: { queue: 3 } }
  const tally = { ...counted, refused: { 401: 2, 404: 1 }, from: 0, to: 6 }
  const report = await auditOf([
    ...arrivalRange(0, 4),
    arrival(4, { outcome: 'duplicate', eventId: 'event-1', body: null, firstPosition: 1 }),
    arrival(5, { outcome: 'dead_letter', eventId: null, reason: 'invalid_json' }),
    note(6, 'tally', tally),
    note(7, 'tally', { acknowledged: 0, refused: {}, from: 6, to: 7 }),
  ])
  assert.deepEqual(report, {
    clean: true,
    acknowledged: 6,
    events: 4,
    duplicates: 1,
    deadLetters: 1,
    notes: 2,
    filtered: 3,
    shed: 0,
    refused: 3,
    erased: 0,
    retired: 0,
    missing: [],
    repeated: [],
    bodyMismatches: 0,
    unreadable: [],
    sameBodies: [],
  })
})

test('an empty lake is clean', async () => {
  const lake = await openTestLake()
  const report = await audit(lake, lake.table, options)
  await lake.dispose()
  assert.equal(report.clean, true)
  assert.equal(report.events, 0)
})

test('positions that were lost are named, wherever they are', async () => {
  const kept = arrivalRange(0, 20).filter(({ position }) => ![0, 1, 7, 9, 10].includes(position))
  const report = await auditOf(kept, async (lake) => {
    const app = appId(place)
    await lake.table.commit({ operation: 'WRITE', txns: [{ appId: app, from: 20, to: 23 }] })
  })
  assert.equal(report.clean, false)
  const hole = (from: number, to: number) => ({ ...place, from, to })
  assert.deepEqual(report.missing, [hole(0, 1), hole(7, 7), hole(9, 10), hole(20, 22)])
})

test('a gap that an operator accepted is not missing, and no more than that', async () => {
  const rows = [note(0, 'gap_accepted', { from: 0, to: 4 }), ...arrivalRange(5, 9)]
  assert.equal((await auditOf(rows)).clean, true)
  const smaller = [note(0, 'gap_accepted', { from: 0, to: 3 }), ...arrivalRange(5, 9)]
  assert.deepEqual((await auditOf(smaller)).missing, [{ ...place, from: 4, to: 4 }])
})

test('a position with two rows is repeated, as is one beyond where the table stands', async () => {
  const report = await auditOf(arrivalRange(0, 5), async (lake) => {
    const row = arrival(3, { eventId: 'another' })
    await lake.load([row, arrival(9)], 'somebody-else')
  })
  assert.equal(report.clean, false)
  assert.deepEqual(report.repeated, [
    { ...place, position: 3, rows: 2 },
    { ...place, position: 9, rows: 1 },
  ])
})

test('an event id that stands twice is repeated, also across sources of one group', async () => {
  const report = await auditOf([
    ...arrivalRange(0, 3),
    arrival(3, { eventId: 'event-1' }),
    arrival(4, { eventId: 'event-2', source: 'twin' }),
    arrival(5, { eventId: 'event-2', source: 'stranger' }),
  ])
  assert.equal(report.clean, false)
  assert.deepEqual(report.repeated, [
    { eventId: 'event-1', scope: 'genesys-prod', rows: 2 },
    { eventId: 'event-2', scope: 'genesys-prod', rows: 2 },
  ])
})

test('a body that is not the one that was hashed is a mismatch', async () => {
  const bodySha256 = createHash('sha256').update('something else').digest()
  const bytes = Buffer.from([0xff, 0xfe])
  const digest = createHash('sha256').update(bytes).digest()
  const report = await auditOf([
    arrival(0),
    arrival(1, { bodySha256 }),
    arrival(2, { body: bytes, bodySha256: digest }),
    arrival(3, { body: bytes }),
    arrival(4, { body: null }),
  ])
  assert.equal(report.clean, false)
  assert.equal(report.bodyMismatches, 3)
})

test('files that cannot be read are named, and the rest is audited', async () => {
  const lake = await openTestLake()
  try {
    for (const first of [0, 3, 6, 9]) await land(lake, arrivalRange(first, first + 3))
    const files = lake.table.snapshot().files.map(({ key }) => `${lake.table.key}/${key}`)
    const [, gone = '', cut = '', changed = ''] = await Promise.all(
      files.map((file) => lake.store.localPath(file)),
    )
    await rm(gone)
    await truncate(cut, 40)
    const bytes = await readFile(changed)
    await writeFile(changed, bytes.fill(0xff, 4, bytes.length >> 1))
    const report = await audit(lake, lake.table, options)
    assert.deepEqual(
      report.unreadable.map(({ file }) => file),
      files.slice(1),
    )
    const [first, second, third] = report.unreadable.map(({ reason }) => reason)
    assert.deepEqual([first, second], ['it is missing', 'it is no Parquet file'])
    assert.notEqual(third, '')
    assert.deepEqual([report.clean, report.events], [false, 3])
    assert.deepEqual(report.missing, [{ ...place, from: 3, to: 11 }])
  } finally {
    await lake.dispose()
  }
})

test('a source that was promised more than landed is missing something', async () => {
  const promised = note(3, 'tally', { acknowledged: 5, from: 0, to: 3 })
  const report = await auditOf([...arrivalRange(0, 3), promised])
  assert.deepEqual(report.missing, [{ source: 'genesys-prod', acknowledged: 5, landed: 3 }])
  const damaged = {
    outcome: 'dead_letter',
    eventId: null,
    reason: 'damaged',
    source: null,
  } as const
  const explained = [...arrivalRange(0, 3), promised, arrival(4, damaged), arrival(5, damaged)]
  assert.equal((await auditOf(explained)).clean, true)
})

test('what an operator gave up explains as much as it held, and no more', async () => {
  const rows = (acknowledged: number) => [
    note(0, 'gap_accepted', { from: 0, to: 4 }),
    ...arrivalRange(5, 9),
    note(9, 'tally', { acknowledged, from: 0, to: 9 }),
  ]
  assert.equal((await auditOf(rows(9))).clean, true)
  const { missing } = await auditOf(rows(10))
  assert.deepEqual(missing, [{ source: 'genesys-prod', acknowledged: 10, landed: 4 }])
})

test('what a killed process did not tell counts as acknowledged, once', async () => {
  const told = (position: number, covers: { from: number; to: number }) =>
    note(position, 'tally', { acknowledged: covers.to - covers.from, refused: {}, ...covers })
  const report = await auditOf([
    ...arrivalRange(0, 5),
    told(5, { from: 0, to: 3 }),
    note(6, 'tally', { acknowledged: 0, refused: { 401: 1 }, from: 0, to: 3 }),
    ...arrivalRange(7, 9),
    arrival(9, {
      ...{ outcome: 'dead_letter', eventId: null, reason: 'invalid_utf8' },
      detail: 'the bytes are not UTF-8',
    }),
    ...arrivalRange(10, 14),
    told(14, { from: 10, to: 12 }),
    told(15, { from: 12, to: 14 }),
    ...arrivalRange(16, 18),
  ])
  assert.equal(report.acknowledged, 5 + 3 + 4 + 2)
})

test('without any tally all that landed counts as acknowledged', async () => {
  assert.equal((await auditOf(arrivalRange(0, 3))).acknowledged, 3)
})

test('what was found sound is not hashed again, what was not is', async () => {
  const lake = await openTestLake()
  try {
    await land(lake, arrivalRange(0, 2))
    const proven = new Set<string>()
    await audit(lake, lake.table, { ...options, proven })
    assert.equal(proven.size, 1)
    const bodySha256 = createHash('sha256').update('something else').digest()
    await land(lake, [arrival(2, { bodySha256 })])
    for (let time = 0; time < 2; time++)
      assert.equal((await audit(lake, lake.table, { ...options, proven })).bodyMismatches, 1)
    assert.equal(proven.size, 1)
    const stopped = audit(lake, lake.table, { ...options, signal: AbortSignal.abort('enough') })
    await assert.rejects(stopped, (reason) => reason === 'enough')
  } finally {
    await lake.dispose()
  }
})
