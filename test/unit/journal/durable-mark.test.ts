/** When readers are told of what is durable. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { seededRandom } from '../../../src/core/random.ts'
import { openSegmentReader } from '../../../src/journal/segment/reader.ts'
import { openSegmentWriter } from '../../../src/journal/segment/writer.ts'
import { ForgetfulDisk } from '../../simulation/forgetful-files.ts'
import { movableClock } from '../../support/clock.ts'
import { eventEntry } from '../../support/entries.ts'
import { memoryLocks } from '../../support/memory-locks.ts'

const place = { dir: '/journal', partition: 'gateway-0' }
const limits = { maxBytes: 2 ** 30, minFree: 0, maxWaitingBytes: 2 ** 20, segmentBytes: 2 ** 20 }
const groups = 50

/** Groups of one entry, each asked for while the one before it is written; how often was told. */
async function writeGroups(msEach: number) {
  const random = seededRandom(1)
  const disk = new ForgetfulDisk(random)
  const clock = movableClock()
  const deps = { files: disk.mount(), locks: memoryLocks(), clock, random }
  const { writer } = await openSegmentWriter(deps, { ...place, ...limits })
  let told = 0
  const appended: Promise<number>[] = []
  disk.hooks = {
    before({ operation, path }) {
      if (operation !== 'write') return
      if (path.endsWith('/durable')) told++
      else if (appended.length < groups) {
        clock.advance(msEach)
        appended.push(writer.append([eventEntry(appended.length)]))
      }
    },
  }
  appended.push(writer.append([eventEntry(0)]))
  while (appended.length < groups) await appended.at(-1)
  await Promise.all(appended)
  const reader = await openSegmentReader(deps, place)
  const seen = (await reader?.bounds())?.end
  await writer.close()
  return { told, seen }
}

test('readers are told at once when nothing waits, else every 5 ms', async () => {
  const quick = await writeGroups(0)
  assert.equal(quick.seen, groups)
  assert.ok(quick.told <= 3, `told ${quick.told} times of ${groups} groups`)
  const slow = await writeGroups(5)
  assert.equal(slow.seen, groups)
  assert.ok(slow.told > groups / 2, `told ${slow.told} times of ${groups} groups`)
})
