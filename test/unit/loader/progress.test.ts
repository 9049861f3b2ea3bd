/** Where the loader stops rather than lose or double, and what it lets go of. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { systemClock } from '../../../src/core/clock.ts'
import { hasCode } from '../../../src/core/errors.ts'
import { durableMarkPath, listSegments } from '../../../src/journal/segment/layout.ts'
import { audit } from '../../../src/loader/audit.ts'
import { openTestLake } from '../../support/lake.ts'
import {
  append,
  folder,
  land,
  loaderOf,
  outcomes,
  withLake,
} from '../../support/segment-landing.ts'

test('a gap behind what the lake has stops the loader until an operator accepts it', () =>
  withLake(async (lake, files) => {
    await append(files, 0, 4)
    await land(lake, files)
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
    await land(lake, files, ['gateway-0'])
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
    await land(lake, files, ['gateway-0'])
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
    await land(lake, files)
    assert.equal((await listSegments(files, folder)).length, 1)
  }))

test('what a writer that died could not tell is landed while it stays dead', () =>
  withLake(async (lake, files) => {
    await append(files, 0, 1)
    const loader = loaderOf(lake, files)
    await loader.flush()
    await append(files, 1, 2)
    await files.remove(durableMarkPath(folder))
    await loader.start(new AbortController().signal)
    lake.clock.advance(60_000)
    while ((await outcomes(lake)).length < 2) await systemClock.sleep(5)
    await loader.stop()
  }))
