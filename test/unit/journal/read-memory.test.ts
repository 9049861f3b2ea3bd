/** Readings that stand in memory which is used again. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { systemClock } from '../../../src/core/clock.ts'
import { seededRandom } from '../../../src/core/random.ts'
import type { JournalRecord } from '../../../src/journal/entry.ts'
import { ReadMemory } from '../../../src/journal/read-memory.ts'
import { openSegmentReader } from '../../../src/journal/segment/reader.ts'
import { openSegmentWriter } from '../../../src/journal/segment/writer.ts'
import { ForgetfulDisk } from '../../simulation/forgetful-files.ts'
import { eventEntry } from '../../support/entries.ts'
import { memoryLocks } from '../../support/memory-locks.ts'

const MIB = 2 ** 20
const place = { dir: '/journal', partition: 'gateway-0' }
const EVENTS = 64

function bodyOf(record: JournalRecord): Uint8Array {
  assert.ok(record.kind === 'entry' && record.entry.kind === 'event')
  return record.entry.envelope.body
}

test('one batch after another is read as it stands on disk, in the same memory', async () => {
  const random = seededRandom(1)
  const deps = {
    files: new ForgetfulDisk(random).mount(),
    locks: memoryLocks(),
    clock: systemClock,
    random,
  }
  const limits = { maxBytes: 2 ** 30, minFree: 0, maxWaitingBytes: MIB, segmentBytes: 4 * MIB }
  const { writer } = await openSegmentWriter(deps, { ...place, ...limits })
  const text = (n: number) => `{"n":${n},"text":"${String(n % 10).repeat(100_000)}"}`
  for (let n = 0; n < EVENTS; n++) await writer.append([eventEntry(n, { body: text(n) })])
  await writer.close()
  const reader = await openSegmentReader(deps, place)
  assert.ok(reader)
  const memory = new ReadMemory()
  const used: Set<unknown>[] = []
  for (let from = 0; from < EVENTS; ) {
    memory.begin()
    const records = await reader.read(from, { records: 16, bytes: 2 * MIB, memory })
    assert.ok(records.length > 10)
    for (const [index, record] of records.entries())
      assert.equal(Buffer.from(bodyOf(record)).toString(), text(from + index))
    used.push(new Set(records.map((record) => bodyOf(record).buffer)))
    from += records.length
  }
  await reader.close()
  const [first, ...others] = used
  assert.ok(first && first.size > 1 && others.length > 2)
  for (const one of others) assert.ok([...one].some((buffer) => first.has(buffer)))
})

test('memory that a reading did not need goes with the next one', () => {
  const memory = new ReadMemory()
  const begin = (sizes: readonly number[]) => {
    memory.begin()
    return sizes.map((size) => memory.take(size))
  }
  const [a, b] = begin([100, 100])
  const [again, larger] = begin([50, 200])
  assert.equal(again?.buffer, a?.buffer)
  assert.equal(again?.length, 50)
  assert.notEqual(larger?.buffer, b?.buffer)
  assert.equal(begin([60])[0]?.buffer, a?.buffer)
  const [kept, fresh] = begin([100, 200])
  assert.equal(kept?.buffer, a?.buffer)
  assert.notEqual(fresh?.buffer, larger?.buffer)
})
