/** How the partitions of a journal are opened. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openMorePartitions, openPartitions } from '../../../src/app/journal-access.ts'
import type { Files } from '../../../src/core/files.ts'
import { openSegmentWriter } from '../../../src/journal/segment/writer.ts'
import { ForgetfulDisk } from '../../simulation/forgetful-files.ts'
import { eventEntry } from '../../support/entries.ts'
import { depsOf, limits, random } from '../../support/segment-landing.ts'

test('a partition that cannot be opened is told of, and holds up no other', async () => {
  const disk = new ForgetfulDisk(random).mount()
  for (const partition of ['gateway-0', 'gateway-1']) {
    const options = { dir: '/journal', partition, ...limits }
    const { writer } = await openSegmentWriter(depsOf(disk), options)
    await writer.append([eventEntry(0)])
    await writer.close()
  }
  const files: Files = {
    ...disk,
    async open(path, mode) {
      if (path.includes('gateway-0/') && mode === 'read') throw new Error('EMFILE')
      return disk.open(path, mode)
    },
  }
  await assert.rejects(openPartitions(depsOf(files), '/journal'), /EMFILE/)
  const open = await openMorePartitions(depsOf(files), '/journal', new Set())
  assert.deepEqual(
    open.map(({ partition }) => partition),
    ['gateway-1'],
  )
  await assert.rejects(
    openMorePartitions(depsOf(files), '/journal', new Set(['gateway-1'])),
    /EMFILE/,
  )
})
