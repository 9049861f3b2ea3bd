/** A journal that was set back to an old copy, and how an operator lets the loader go on. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hasCode } from '../../../src/core/errors.ts'
import type { Files } from '../../../src/core/files.ts'
import { listSegments } from '../../../src/journal/segment/layout.ts'
import { openSegmentReader } from '../../../src/journal/segment/reader.ts'
import { openSegmentWriter } from '../../../src/journal/segment/writer.ts'
import { acceptRollback, isSetAside } from '../../../src/loader/accept-rollback.ts'
import { audit } from '../../../src/loader/audit.ts'
import { ForgetfulDisk } from '../../simulation/forgetful-files.ts'
import { eventEntry } from '../../support/entries.ts'
import {
  append,
  depsOf,
  folder,
  land,
  limits,
  loaderOf,
  outcomes,
  place,
  random,
  withLake,
} from '../../support/segment-landing.ts'

const rollback = { ...place, ...limits, acceptGap: false }

test('a lake ahead of its journal stops the loader; accepted, nothing is lost or doubled', () =>
  withLake(async (lake, files) => {
    await append(files, 0, 5)
    await land(lake, files)
    const old = await oldCopy(files, 2)
    await append(old, 100, 101)
    const second = loaderOf(lake, old)
    await assert.rejects(second.flush(), (error) => {
      assert.ok(hasCode(error, 'INL_JRN_AHEAD'))
      assert.match(error.message, /ends at position 3, the lake has read up to 5/)
      return true
    })
    await second.stop()
    const report = await acceptRollback(depsOf(old), rollback)
    assert.equal(report.copied, 3)
    await land(lake, old)
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

test('a journal that was rolled back and outgrew the lake stops the loader as well', () =>
  withLake(async (lake, files) => {
    await append(files, 0, 5)
    await land(lake, files)
    const old = await oldCopy(files, 2)
    await append(old, 100, 110)
    const second = loaderOf(lake, old, [place.partition])
    await assert.rejects(second.flush(), (error) => {
      assert.ok(hasCode(error, 'INL_LDR_ROLLED_BACK'))
      assert.match(error.message, /something else at position 4.*--accept-rollback gateway-0/)
      return true
    })
    await second.stop()
    await acceptRollback(depsOf(old), rollback)
    await land(lake, old)
    const found = await outcomes(lake)
    for (let n = 100; n < 110; n++) assert.ok(found.includes(`event event-${n}`))
    assert.equal(found.length, 5 + 2 + 10 + 1)
    const { clean } = await audit(lake, lake.table, { scopes: new Map(), most: 10 })
    assert.equal(clean, true)
  }))

test('a journal that was rolled back and has a gap is kept once both are accepted', () =>
  withLake(async (lake, files) => {
    await append(files, 0, 5)
    await land(lake, files)
    const old = await oldCopy(files, 4)
    await append(old, 100, 112)
    const segments = await listSegments(old, folder)
    const [missing, behind] = segments.filter(({ first: position }) => position > 5)
    await old.remove(missing?.path ?? '')
    const lost = { from: missing?.first ?? 0, to: (behind?.first ?? 0) - 1 }
    await assert.rejects(acceptRollback(depsOf(old), rollback), (error) => {
      assert.ok(hasCode(error, 'INL_LDR_ROLLBACK_GAP'))
      assert.match(error.message, new RegExp(`lost positions ${lost.from} to ${lost.to} as well`))
      assert.match(error.message, /--accept-rollback gateway-0 --accept-gap gateway-0/)
      return true
    })
    // What was copied until then may land before the operator decides.
    await land(lake, old)
    const report = await acceptRollback(depsOf(old), { ...rollback, acceptGap: true })
    const gone = lost.to - lost.from + 1
    assert.deepEqual([report.copied, report.lost], [16 - gone, [lost]])
    await land(lake, old)
    const events = (await outcomes(lake)).filter((row) => row.startsWith('event '))
    assert.equal(events.length, 5 + 12 - gone)
    assert.ok(events.includes('event event-111'))
    const { rows } = await lake.query(`SELECT detail -> '$.lost' FROM bronze.notes`)
    assert.deepEqual(rows, [[JSON.stringify([lost])]])
    await lake.table.refresh()
    const { clean } = await audit(lake, lake.table, { scopes: new Map(), most: 10 })
    assert.equal(clean, true)
  }))

test('a rollback that was cut off before its new journal began is gone on with', () =>
  withLake(async (_, files) => {
    await append(files, 0, 3)
    const cutOff = { ...files, open: () => Promise.reject(new Error('EMFILE')) }
    await assert.rejects(acceptRollback(depsOf(cutOff), rollback), /EMFILE/)
    assert.equal((await listSegments(files, folder)).length, 0)
    assert.equal(await isSetAside(depsOf(files), place), true)
    assert.equal((await acceptRollback(depsOf(files), rollback)).copied, 3)
    assert.equal(await isSetAside(depsOf(files), place), false)
  }))

test('a journal whose last landed record was lost or damaged since is read on', () =>
  withLake(async (lake, files) => {
    await append(files, 0, 5)
    await land(lake, files)
    await append(files, 5, 9)
    const segments = await listSegments(files, folder)
    const last = segments.findLast((segment) => segment.first < 5)
    const path = last?.path ?? ''
    const file = await files.open(path, 'update')
    await file.write(Buffer.alloc(await file.size(), 1), 0)
    await file.close()
    await land(lake, files)
    assert.ok((await outcomes(lake)).includes('event event-8'))
  }))

/** The disk as an old copy of it: the same journal, with no more than its first `count` events. */
async function oldCopy(files: Files, count: number): Promise<Files> {
  const disk = new ForgetfulDisk(random).mount()
  const journalId = (await openSegmentReader(depsOf(files), place))?.journalId ?? ''
  const deps = { ...depsOf(disk), random: { ...random, uuid: () => journalId } }
  const { writer } = await openSegmentWriter(deps, { ...place, ...limits })
  for (let n = 0; n < count; n++) await writer.append([eventEntry(n)])
  await writer.close()
  return disk
}
