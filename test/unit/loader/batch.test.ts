/** How partitions share a commit. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createMemoryJournal } from '../../../src/journal/memory-journal.ts'
import { Partitions } from '../../../src/loader/partitions.ts'
import { movableClock } from '../../support/clock.ts'
import { eventEntry } from '../../support/entries.ts'

const KIB = 1024

/** Partitions of `counts` events, `bodyBytes` each; `next` reads a batch as if it had landed. */
async function sharing(counts: Record<string, number>, bodyBytes: number, commitBytes: number) {
  const journals = Object.keys(counts).map((partition, n) =>
    createMemoryJournal({ journalId: `00000000-0000-4000-8000-00000000000${n}`, partition }),
  )
  const body = `{"text":"${'x'.repeat(bodyBytes)}"}`
  const writers = journals.map((journal) => journal.openWriter())
  const append = (partition: string, count: number) =>
    Promise.all(
      writers
        .filter((writer) => writer.partition === partition)
        .map((one) => one.append(Array.from({ length: count }, (_, n) => eventEntry(n, { body })))),
    )
  for (const [partition, count] of Object.entries(counts)) await append(partition, count)
  const partitions = new Partitions(
    {
      clock: movableClock(),
      report: (error) => {
        throw error
      },
      open: async (known) =>
        journals.map((one) => one.openReader()).filter((one) => !known.has(one.partition)),
    },
    { commitBytes },
  )
  await partitions.openNew()
  const txns = new Map<string, number>()
  const lake = {
    txn: (place: { partition: string }) => txns.get(place.partition) ?? null,
    check: async () => true,
  }
  return {
    append,
    async next(): Promise<Record<string, number>> {
      const { batches, isFull } = await partitions.read(lake)
      for (const batch of batches) txns.set(batch.partition, batch.to)
      const taken = batches.map(({ partition, records }) => [partition, records.length])
      return { ...Object.fromEntries(taken), more: Number(isFull) }
    },
  }
}

test('a backlog of one partition keeps no other waiting', async () => {
  const { next, append } = await sharing({ a: 1000, b: 3 }, KIB, 64 * KIB)
  const { a = 0, b, more } = await next()
  assert.deepEqual([b, more], [3, 1])
  assert.ok(a > 40 && a < 64)
  await append('b', 1)
  assert.equal((await next())['b'], 1)
})

test('partitions with a backlog share a commit, and what one leaves the others take', async () => {
  const { next } = await sharing({ a: 1000, b: 1000, c: 10, d: 0 }, KIB, 128 * KIB)
  const { a = 0, b = 0, c, d } = await next()
  assert.deepEqual([c, d], [10, undefined])
  assert.ok(Math.abs(a - b) < 5)
  assert.ok(a + b > 80 && a + b < 120)
})

test('where a commit has room for one only, they take turns', async () => {
  const { next, append } = await sharing({ a: 3, b: 9, c: 9 }, 100 * KIB, 64 * KIB)
  const turns: string[] = []
  for (let batch = 0; batch < 9; batch++) {
    await append('a', 1)
    const { more, ...taken } = await next()
    assert.equal(more, 1)
    turns.push(Object.keys(taken).join(''))
  }
  assert.equal(turns.join(''), 'abcabcabc')
})

test('all is read at last, and nothing then is more', async () => {
  const { next } = await sharing({ a: 100, b: 7 }, KIB, 16 * KIB)
  const taken = { a: 0, b: 0 }
  for (;;) {
    const { a = 0, b = 0, more } = await next()
    taken.a += a
    taken.b += b
    if (more === 0) break
  }
  assert.deepEqual(taken, { a: 100, b: 7 })
})
