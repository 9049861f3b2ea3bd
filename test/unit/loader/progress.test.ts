/** Where the loader stops rather than lose or double, and how an operator lets it go on. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { systemClock } from '../../../src/core/clock.ts'
import { hasCode } from '../../../src/core/errors.ts'
import type { Files } from '../../../src/core/files.ts'
import { seededRandom } from '../../../src/core/random.ts'
import { listSegments } from '../../../src/journal/segment/layout.ts'
import { openSegmentReader } from '../../../src/journal/segment/reader.ts'
import { openSegmentWriter } from '../../../src/journal/segment/writer.ts'
import { acceptRollback } from '../../../src/loader/accept-rollback.ts'
import { audit } from '../../../src/loader/audit.ts'
import { landedArrivals } from '../../../src/loader/bronze.ts'
import { type Loader, openLoader } from '../../../src/loader/loader.ts'
import { ForgetfulDisk } from '../../simulation/forgetful-files.ts'
import { eventEntry } from '../../support/entries.ts'
import { openTestLake, type TestLake } from '../../support/lake.ts'
import { memoryLocks } from '../../support/memory-locks.ts'

const random = seededRandom(7)
const place = { dir: '/journal', partition: 'gateway-0' }
const folder = '/journal/gateway-0'
const limits = { maxBytes: 2 ** 30, minFree: 0, maxWaitingBytes: 2 ** 20, segmentBytes: 500 }

function depsOf(files: Files) {
  return { files, locks: memoryLocks(), clock: { ...systemClock, sleep: async () => {} }, random }
}

async function append(files: Files, from: number, to: number): Promise<void> {
  const { writer } = await openSegmentWriter(depsOf(files), { ...place, ...limits })
  for (let n = from; n < to; n++) await writer.append([eventEntry(n)])
  await writer.close()
}

function loaderOf(lake: TestLake, files: Files, acceptGaps: readonly string[] = []): Loader {
  const landed = landedArrivals(lake)
  const clock = { ...lake.clock, sleep: async () => {} }
  const openPartitions = async (open: ReadonlySet<string>) => {
    if (open.has(place.partition)) return []
    const reader = await openSegmentReader(depsOf(files), place)
    return reader === null ? [] : [reader]
  }
  const onFatal = (error: unknown) => {
    throw error
  }
  const observer = () => {}
  return openLoader(
    { landed, clock, lake: lake.lake, openPartitions, observer, onFatal },
    {
      commitEveryMs: 1000,
      commitBytes: 2 ** 20,
      windowMs: 432_000_000,
      windowMaxBytes: 2 ** 26,
      sources: [],
      acceptGaps,
    },
  )
}

async function outcomes(lake: TestLake): Promise<string[]> {
  const { rows } = await lake.query(`
    SELECT concat_ws(' ', outcome, event_id, reason) FROM bronze.arrivals
    ORDER BY received_at, position`)
  return rows.map(([text]) => String(text))
}

async function withLake(run: (lake: TestLake, files: Files) => Promise<void>): Promise<void> {
  const lake = await openTestLake()
  try {
    await run(lake, new ForgetfulDisk(random).mount())
  } finally {
    await lake.dispose()
  }
}

test('a gap behind what the lake has stops the loader until an operator accepts it', () =>
  withLake(async (lake, files) => {
    await append(files, 0, 4)
    const first = loaderOf(lake, files)
    await first.flush()
    await first.stop()
    await append(files, 4, 12)
    for (const segment of await listSegments(files, folder)) {
      if (segment.first < 9) await files.remove(segment.path)
    }
    const second = loaderOf(lake, files)
    await assert.rejects(second.flush(), (error) => {
      assert.ok(hasCode(error, 'INL_JRN_GAP'))
      assert.match(error.message, /positions 4 to 9 are gone.*--accept-gap gateway-0/)
      return true
    })
    await second.stop()
    const third = loaderOf(lake, files, ['gateway-0'])
    await third.flush()
    await third.stop()
    const report = await audit(lake, lake.table, { scopes: new Map(), most: 10 })
    assert.deepEqual({ ...report, missing: [] }, report)
    assert.equal(report.clean, true)
    assert.equal(report.events, 4 + 2)
    const { rows } = await lake.query(`SELECT position, reason, detail FROM bronze.notes`)
    assert.deepEqual(rows, [[4n, 'gap_accepted', '{"from":4,"to":9}']])
  }))

test('gaps within the journal stop it there, and accepted cost nothing but themselves', () =>
  withLake(async (lake, files) => {
    await append(files, 0, 12)
    const segments = await listSegments(files, folder)
    const [, second, third, fourth, fifth] = segments
    await files.remove(second?.path ?? '')
    await files.remove(fourth?.path ?? '')
    const stopped = loaderOf(lake, files)
    await assert.rejects(stopped.flush(), (error) => hasCode(error, 'INL_JRN_GAP'))
    await stopped.stop()
    assert.equal((await outcomes(lake)).length, second?.first)
    const accepting = loaderOf(lake, files, ['gateway-0'])
    await accepting.flush()
    await accepting.stop()
    const gaps = [
      [second?.first ?? 0, third?.first ?? 0],
      [fourth?.first ?? 0, fifth?.first ?? 0],
    ].map(([from = 0, behind = 0]) => ({ from, to: behind - 1, lost: behind - from }))
    const { rows } = await lake.query('SELECT detail FROM bronze.notes ORDER BY position')
    assert.deepEqual(
      rows.map(([detail]) => detail),
      gaps.map(({ from, to }) => JSON.stringify({ from, to })),
    )
    const report = await audit(lake, lake.table, { scopes: new Map(), most: 10 })
    assert.equal(report.clean, true)
    assert.equal(report.events, 12 - gaps.reduce((sum, { lost }) => sum + lost, 0))
  }))

test('a lake ahead of its journal stops the loader; accepted, nothing is lost or doubled', () =>
  withLake(async (lake, files) => {
    await append(files, 0, 5)
    const first = loaderOf(lake, files)
    await first.flush()
    await first.stop()
    // The disk was set back to an old copy: it ends at position 2 and goes on with other events.
    const old = new ForgetfulDisk(random).mount()
    await append(old, 0, 2)
    const sameId = await adoptJournalId(files, old)
    await append(sameId, 100, 101)
    const second = loaderOf(lake, sameId)
    await assert.rejects(second.flush(), (error) => {
      assert.ok(hasCode(error, 'INL_JRN_AHEAD'))
      assert.match(error.message, /ends at position 3, the lake has read up to 5/)
      return true
    })
    await second.stop()
    const report = await acceptRollback(depsOf(sameId), { ...place, ...limits })
    assert.equal(report.copied, 3)
    const third = loaderOf(lake, sameId)
    await third.flush()
    await third.stop()
    assert.deepEqual((await outcomes(lake)).sort(), [
      'duplicate event-0 same_bytes',
      'duplicate event-1 same_bytes',
      'event event-0',
      'event event-1',
      'event event-100',
      'event event-2',
      'event event-3',
      'event event-4',
      'note journal_rolled_back',
    ])
    const { clean } = await audit(lake, lake.table, { scopes: new Map(), most: 10 })
    assert.equal(clean, true)
  }))

/**
 * The first two events of `from`'s journal under its id: what an old copy of its disk would hold.
 */
async function adoptJournalId(from: Files, old: Files): Promise<Files> {
  const disk = new ForgetfulDisk(random).mount()
  const reader = await openSegmentReader(depsOf(from), place)
  const journalId = reader?.journalId ?? ''
  const { writer } = await openSegmentWriter(
    { ...depsOf(disk), random: { ...random, uuid: () => journalId } },
    { ...place, ...limits },
  )
  const records = await (await openSegmentReader(depsOf(old), place))?.read(0, {
    records: 2,
    bytes: 2 ** 20,
  })
  for (const record of records ?? []) {
    if (record.kind === 'entry') await writer.append([record.entry])
  }
  await writer.close()
  return disk
}

test('two loaders of one journal do not double anything', () =>
  withLake(async (lake, files) => {
    await append(files, 0, 6)
    const other = await openTestLake({ root: lake.root, seed: 2, clock: lake.clock })
    const one = loaderOf(lake, files)
    const two = loaderOf(other, files)
    await Promise.all([one.flush(), two.flush()])
    await append(files, 6, 9)
    await two.flush()
    await append(files, 9, 12)
    await Promise.all([one.flush(), two.flush()])
    await one.stop()
    await two.stop()
    await other.dispose()
    await lake.table.refresh()
    const report = await audit(lake, lake.table, { scopes: new Map(), most: 10 })
    assert.equal(report.clean, true)
    assert.equal(report.events, 12)
  }))

test('what another loader landed and upkeep has read of is not taken for known', () =>
  withLake(async (lake, files) => {
    await append(files, 0, 1)
    const other = await openTestLake({ root: lake.root, seed: 2, clock: lake.clock })
    const one = loaderOf(lake, files)
    const two = loaderOf(other, files)
    await one.flush()
    await two.flush()
    await append(files, 1, 2)
    await two.flush()
    await append(files, 2, 3)
    await one.flush()
    await other.lake.upkeep.vacuum(other.table)
    await append(files, 2, 3)
    await two.flush()
    await one.stop()
    await two.stop()
    await other.dispose()
    const found = [
      'event event-0',
      'event event-1',
      'event event-2',
      'duplicate event-2 same_bytes',
    ]
    assert.deepEqual((await outcomes(lake)).sort(), found.sort())
  }))

test('what is landed is let go of in the journal', () =>
  withLake(async (lake, files) => {
    await append(files, 0, 12)
    const loader = loaderOf(lake, files)
    await loader.flush()
    await loader.stop()
    assert.equal((await listSegments(files, folder)).length, 1)
  }))
