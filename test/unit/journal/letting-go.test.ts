/** How long a body stands in the journal once it has landed: what docs/guides/privacy.md says. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nodeFiles } from '../../../src/core/node-files.ts'
import { seededRandom } from '../../../src/core/random.ts'
import { openSegmentReader } from '../../../src/journal/segment/reader.ts'
import { openSegmentWriter } from '../../../src/journal/segment/writer.ts'
import { movableClock } from '../../support/clock.ts'
import { event } from '../../support/deliveries.ts'
import { memoryLocks } from '../../support/memory-locks.ts'
import { temporaryFolder } from '../../support/temporary.ts'
import { plantedIn } from '../../system/planted.ts'

const HOUR = 3_600_000
const bounds = { maxBytes: 2 ** 30, maxWaitingBytes: 2 ** 20, segmentBytes: 2 ** 20 }

test('it goes once a record that comes an hour after its file began has landed', async () => {
  const folder = await temporaryFolder()
  const place = { dir: folder.path, partition: 'gateway-0' }
  const clock = movableClock()
  const deps = { files: nodeFiles, locks: memoryLocks(), clock, random: seededRandom(1) }
  const { writer } = await openSegmentWriter(deps, { ...place, ...bounds, minFree: 0 })
  /** Makes one durable and lands all: whether the person still stands on the disk. */
  const stands = async (body: string) => {
    await writer.append([event(body, body)])
    const reader = (await openSegmentReader(deps, place)) ?? assert.fail()
    await reader.trim(writer.durableEnd)
    await reader.close()
    return (await plantedIn(folder.path, ['Planted Person'])).length > 0
  }
  try {
    assert.equal(await stands('{"name":"Planted Person"}'), true)
    clock.advance(HOUR - 1)
    assert.equal(await stands('{"n":1}'), true)
    clock.advance(1)
    // It begins another file, whose landing lets go of the one before.
    assert.equal(await stands('{"n":2}'), false)
  } finally {
    await writer.close()
    await folder.dispose()
  }
})
