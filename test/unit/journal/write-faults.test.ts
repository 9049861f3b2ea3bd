/** What the writer does when the disk refuses. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { systemClock } from '../../../src/core/clock.ts'
import { hasCode } from '../../../src/core/errors.ts'
import { seededRandom } from '../../../src/core/random.ts'
import type { JournalWriter } from '../../../src/journal/journal.ts'
import { openSegmentReader } from '../../../src/journal/segment/reader.ts'
import { openSegmentWriter } from '../../../src/journal/segment/writer.ts'
import { ForgetfulDisk, systemError } from '../../simulation/forgetful-files.ts'
import { eventEntry } from '../../support/entries.ts'
import { memoryLocks } from '../../support/memory-locks.ts'

const place = { dir: '/journal', partition: 'gateway-0' }
const limits = { maxBytes: 2 ** 30, minFree: 0, maxWaitingBytes: 2 ** 20, segmentBytes: 2 ** 20 }

function machine(seed = 1) {
  const random = seededRandom(seed)
  const disk = new ForgetfulDisk(random)
  const locks = memoryLocks()
  let elapsed = 0
  // Each look at the clock is a second later, so that what was measured is measured again.
  const clock = { ...systemClock, elapsed: () => (elapsed += 1000) }
  const deps = { files: disk.mount(), locks, clock, random }
  const open = async (change: Partial<typeof limits> = {}) =>
    (await openSegmentWriter(deps, { ...place, ...limits, ...change })).writer
  const positions = async () => {
    const reader = await openSegmentReader(deps, place)
    const records = (await reader?.read(0, { records: 1000, bytes: 2 ** 30 })) ?? []
    return records.map((record) =>
      record.kind === 'entry' && record.entry.kind === 'event'
        ? record.entry.envelope.eventId
        : record.kind,
    )
  }
  return { disk, deps, open, positions }
}

for (const operation of ['sync', 'write'] as const) {
  test(`a failed ${operation} refuses all who wait, and the next takes the position`, async () => {
    for (let seed = 1; seed <= 20; seed++) {
      const { disk, open, positions } = machine(seed)
      const writer = await open()
      await writer.append([eventEntry(0)])
      disk.hooks = {
        before(call) {
          if (call.operation === operation && call.path.endsWith('.seg')) {
            throw systemError('EIO', operation, call.path)
          }
        },
      }
      const results = await Promise.allSettled([
        writer.append([eventEntry(1)]),
        writer.append([eventEntry(2)]),
      ])
      for (const result of results) {
        assert.ok(result.status === 'rejected' && hasCode(result.reason, 'INL_JRN_WRITE'))
      }
      disk.hooks = {}
      assert.equal(await writer.append([eventEntry(3)]), 1)
      await writer.close()
      assert.deepEqual(await positions(), ['event-0', 'event-3'])
    }
  })
}

test('what a failed sync left is kept by recovery, and stays when the power fails', async () => {
  let whole = 0
  for (let seed = 1; seed <= 20; seed++) {
    const { disk, deps, open, positions } = machine(seed)
    const writer = await open()
    await writer.append([eventEntry(0)])
    disk.hooks = {
      before({ operation, path }) {
        if (operation === 'sync') throw systemError('EIO', operation, path)
      },
    }
    await assert.rejects(writer.append([eventEntry(1)]), { code: 'INL_JRN_WRITE' })
    disk.hooks = {}
    await writer.close()
    const given = await positions()
    // A kernel that wrote a first part of the group did not come to the rest.
    if (given.length > 1) whole++
    assert.deepEqual(given, ['event-0', 'event-1'].slice(0, given.length))
    disk.crash(seededRandom(seed))
    const reader = await openSegmentReader({ ...deps, files: disk.mount() }, place)
    const records = (await reader?.read(0, { records: 10, bytes: 2 ** 20 })) ?? []
    assert.deepEqual(
      records.map(({ kind }) => kind),
      given.map(() => 'entry'),
    )
  }
  assert.ok(whole > 0)
})

test('partitions share maxBytes: what one holds the other may not take', async () => {
  const { deps, open } = machine()
  const one = await open({ maxBytes: 6000, segmentBytes: 1000 })
  const other = (
    await openSegmentWriter(deps, {
      ...place,
      ...limits,
      partition: 'gateway-1',
      maxBytes: 6000,
      segmentBytes: 1000,
    })
  ).writer
  const full = await fillUp(one)
  await assert.rejects(other.append([eventEntry(100)]), (error) => hasCode(error, 'INL_JRN_FULL'))
  const reader = await openSegmentReader(deps, place)
  await reader?.trim(full)
  assert.equal(await other.append([eventEntry(100)]), 0)
  await one.close()
  await other.close()
})

/** Resolves to the position that did not fit. */
async function fillUp(writer: JournalWriter): Promise<number> {
  for (let n = 0; ; n++) {
    const refused = await writer.append([eventEntry(n)]).then(
      () => null,
      (error: unknown) => error,
    )
    if (refused === null) continue
    assert.ok(hasCode(refused, 'INL_JRN_FULL'))
    return n
  }
}

test('at maxBytes it refuses, and takes again what fits once the reader trimmed', async () => {
  const { deps, open, positions } = machine()
  const writer = await open({ maxBytes: 6000, segmentBytes: 1000 })
  let refused = false
  for (let n = 0; n < 100 && !refused; n++) {
    await writer.append([eventEntry(n)]).catch((error: unknown) => {
      assert.ok(hasCode(error, 'INL_JRN_FULL'))
      refused = true
    })
  }
  assert.ok(refused)
  const reader = await openSegmentReader(deps, place)
  await reader?.trim(writer.durableEnd)
  assert.ok((await writer.append([eventEntry(1000)])) > 0)
  await writer.close()
  await assert.rejects(positions(), (error) => hasCode(error, 'INL_JRN_GAP'))
})

test('it leaves minFree to the loader and goes on by itself when there is room', async () => {
  const { disk, open } = machine()
  disk.capacity = 20_000
  const writer = await open({ minFree: 12_000 })
  let taken = 0
  const fill = async () => {
    for (;;) {
      await writer.append([eventEntry(taken)])
      taken++
    }
  }
  await assert.rejects(fill(), (error) => hasCode(error, 'INL_JRN_FULL'))
  disk.capacity = 100_000
  assert.equal(await writer.append([eventEntry(taken)]), taken)
  await writer.close()
})

test('a disk that is full to the last byte loses nothing that was acknowledged', async () => {
  const { disk, open, positions } = machine()
  disk.capacity = 8000
  const writer = await open()
  const acknowledged: (string | null)[] = []
  for (let n = 0; n < 60; n++) {
    await writer.append([eventEntry(n)]).then(
      () => acknowledged.push(`event-${n}`),
      (error: unknown) =>
        assert.ok(hasCode(error, 'INL_JRN_WRITE') || hasCode(error, 'INL_JRN_FULL')),
    )
    if (n === 40) disk.capacity = 200_000
  }
  await writer.close()
  assert.ok(acknowledged.length > 10 && acknowledged.length < 60)
  assert.deepEqual(await positions(), acknowledged)
})

test('a writer starts on a full disk and waits for room', async () => {
  const { disk, open } = machine()
  const first = await open()
  await first.append([eventEntry(0)])
  await first.close()
  disk.hooks = {
    before(call) {
      if (call.operation === 'open' && call.path.endsWith('.seg') && call.path.includes('00001-')) {
        throw systemError('ENOSPC', 'open', call.path)
      }
    },
  }
  const second = await open()
  await assert.rejects(second.append([eventEntry(1)]), (error) => hasCode(error, 'INL_JRN_WRITE'))
  disk.hooks = {}
  assert.equal(await second.append([eventEntry(1)]), 1)
  await second.close()
})

test('a segment whose creation failed when its name was made is passed over', async () => {
  const { disk, open, positions } = machine()
  const writer = await open({ segmentBytes: 300 })
  await writer.append([eventEntry(0)])
  disk.hooks = {
    after(call) {
      if (call.operation === 'open') throw systemError('EIO', 'open', call.path)
    },
  }
  await assert.rejects(writer.append([eventEntry(1)]), (error) => hasCode(error, 'INL_JRN_WRITE'))
  disk.hooks = {}
  assert.equal(await writer.append([eventEntry(2)]), 1)
  await writer.close()
  assert.deepEqual(await positions(), ['event-0', 'event-2'])
})

test('calls that come faster than the disk take their turn, and keep their order', async () => {
  const { open, positions } = machine()
  const writer = await open({ maxWaitingBytes: 2 ** 26 })
  const large = 'x'.repeat(2 ** 20)
  const calls = Array.from({ length: 20 }, (_, n) =>
    writer.append([eventEntry(n, { body: JSON.stringify({ n, large }) })]),
  )
  assert.deepEqual(await Promise.all(calls), [...calls.keys()])
  await writer.close()
  assert.deepEqual(
    await positions(),
    Array.from({ length: 20 }, (_, n) => `event-${n}`),
  )
})

test('what waits for the disk is bounded: more is refused, and nothing of it is kept', async () => {
  const { open, positions } = machine()
  const writer = await open({ maxWaitingBytes: 6 * 2 ** 20 })
  const large = 'x'.repeat(2 ** 20)
  const calls = Array.from({ length: 20 }, (_, n) =>
    writer.append([eventEntry(n, { body: JSON.stringify({ n, large }) })]),
  )
  const results = await Promise.allSettled(calls)
  const refused = results.filter(({ status }) => status === 'rejected')
  assert.ok(refused.length > 5 && refused.length < 20)
  for (const result of refused) {
    assert.ok(result.status === 'rejected' && hasCode(result.reason, 'INL_JRN_BUSY'))
  }
  await writer.close()
  assert.equal((await positions()).length, 20 - refused.length)
})
