import assert from 'node:assert/strict'
import { join } from 'node:path'
import { suite, test } from 'node:test'
import { checkJournalDisk, fileSystemOf } from '../../../src/app/disk-check.ts'
import { diskKind, judgeRoom, judgeSpeed } from '../../../src/app/doctor/journal-checks.ts'
import { hasCode } from '../../../src/core/errors.ts'
import { temporaryFolder } from '../../support/temporary.ts'

const GiB = 2 ** 30
const journal = {
  kind: 'segment' as const,
  dir: '/journal',
  segmentBytes: 2 ** 26,
  maxBytes: 20 * GiB,
  minFree: 2 * GiB,
  ephemeral: false,
}
const disk = { fleeting: null, freeBytes: 50 * GiB, totalBytes: 100 * GiB }
const tmpfs = { ...disk, fleeting: 'tmpfs' }

suite('the disk of the journal', () => {
  test('is refused where it does not survive a restart, unless that is allowed', async () => {
    const refused = checkJournalDisk(journal, async () => tmpfs)
    await assert.rejects(refused, (error) => hasCode(error, 'INL_APP_EPHEMERAL'))
    await checkJournalDisk({ ...journal, ephemeral: true }, async () => tmpfs)
    await checkJournalDisk(journal, async () => disk)
  })

  test('is told apart by what the kernel says of memory and of a disk', async () => {
    const known = process.platform === 'linux' ? 'tmpfs' : null
    assert.equal((await fileSystemOf('/dev/shm')).fleeting, known)
    assert.equal((await fileSystemOf('/proc')).fleeting, null)
  })

  test('is that of the nearest folder which exists', async () => {
    const folder = await temporaryFolder()
    const found = await fileSystemOf(join(folder.path, 'not/made/yet'))
    assert.deepEqual(found.totalBytes, (await fileSystemOf(folder.path)).totalBytes)
    await folder.dispose()
  })
})

suite('doctor on the disk of the journal', () => {
  test('fails on one that does not survive a restart, or warns where that is allowed', () => {
    assert.equal(diskKind(journal, disk).level, 'ok')
    assert.equal(diskKind(journal, tmpfs).level, 'fail')
    assert.equal(diskKind({ ...journal, ephemeral: true }, tmpfs).level, 'warn')
  })

  test('judges its room by what the journal may take', () => {
    const level = (freeBytes: number, totalBytes = 100 * GiB, used = 0) =>
      judgeRoom(journal, { fleeting: null, freeBytes, totalBytes, used }).level
    assert.equal(level(22 * GiB), 'ok')
    assert.equal(level(21 * GiB), 'warn')
    assert.equal(level(21 * GiB, 100 * GiB, GiB), 'ok')
    assert.equal(level(2 * GiB), 'fail')
    assert.equal(level(GiB, 2 * GiB), 'fail')
  })

  test('warns of a slow sync, and of one too quick to be true', () => {
    assert.equal(judgeSpeed([0.5, 1, 90]).level, 'ok')
    assert.equal(judgeSpeed([30, 40, 50]).level, 'warn')
    assert.match(judgeSpeed([0.001, 0.002, 0.003]).detail, /too quick/)
  })
})
