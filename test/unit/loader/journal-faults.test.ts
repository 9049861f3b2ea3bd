/** What the loader does while the disk of the journal refuses. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { InletError } from '../../../src/core/errors.ts'
import type { JournalReader } from '../../../src/journal/journal.ts'
import { createMemoryJournal } from '../../../src/journal/memory-journal.ts'
import { landedArrivals } from '../../../src/loader/bronze.ts'
import { type Loader, openLoader } from '../../../src/loader/loader.ts'
import { eventEntry } from '../../support/entries.ts'
import { openTestLake, type TestLake } from '../../support/lake.ts'

const names = ['gateway-0', 'gateway-1']
type Call = 'open' | 'read' | 'bounds' | 'trim' | 'settle'

interface Scene {
  readonly lake: TestLake
  readonly loader: Loader
  /** Every call of a kind, of one partition or all, rejects that many times from here on. */
  refuse(call: Call, times: number, how?: { partition?: string; error?: Error }): void
  append(partition: string, from: number, to: number): Promise<void>
  positions(): Promise<string[]>
  /** The codes of the errors that were reported, with the pause behind each. */
  readonly retries: string[]
  readonly fatal: unknown[]
  firstOf(partition: string): Promise<number>
}

async function scene(run: (scene: Scene) => Promise<void>): Promise<void> {
  const lake = await openTestLake()
  const journals = new Map(
    names.map((partition, n) => {
      const journalId = `00000000-0000-4000-8000-00000000000${n}`
      return [partition, createMemoryJournal({ journalId, partition })]
    }),
  )
  const writers = new Map([...journals].map(([name, journal]) => [name, journal.openWriter()]))
  const refusals: { call: Call; partition: string | undefined; error: Error; left: number }[] = []
  const check = (call: Call, partition: string) => {
    for (const refusal of refusals) {
      const isMeant = refusal.partition === undefined || refusal.partition === partition
      if (refusal.call === call && isMeant && refusal.left-- > 0) throw refusal.error
    }
  }
  const retries: string[] = []
  const fatal: unknown[] = []
  const loader = openLoader(
    {
      landed: landedArrivals(lake),
      clock: lake.clock,
      lake: lake.lake,
      async openPartitions(open) {
        check('open', '')
        return [...journals].flatMap(([name, journal]) =>
          open.has(name) ? [] : [refusing(journal.openReader(), check)],
        )
      },
      observer: (event, fields) => {
        if (event === 'loader_retrying') retries.push(`${fields?.['reason']} ${fields?.['waitMs']}`)
      },
      onFatal: (error) => fatal.push(error),
    },
    {
      commitEveryMs: 1000,
      commitBytes: 2 ** 20,
      windowMs: 432_000_000,
      windowMaxBytes: 2 ** 26,
      sources: [],
      acceptGaps: [],
    },
  )
  try {
    await run({
      lake,
      loader,
      retries,
      fatal,
      refuse(call, times, { partition, error = new Error('EIO') } = {}) {
        refusals.push({ call, partition, error, left: times })
      },
      async append(partition, from, to) {
        for (let n = from; n < to; n++) await writers.get(partition)?.append([eventEntry(n)])
      },
      async positions() {
        const { rows } = await lake.query(
          `SELECT concat_ws(' ', journal_partition, position) FROM bronze.arrivals ORDER BY 1`,
        )
        return rows.map(([text]) => String(text))
      },
      async firstOf(partition) {
        return (await journals.get(partition)?.openReader().bounds())?.first ?? -1
      },
    })
  } finally {
    await loader.stop()
    await lake.dispose()
  }
}

function refusing(
  reader: JournalReader,
  check: (call: Call, partition: string) => void,
): JournalReader {
  const { partition } = reader
  const checked = async <T>(call: Call, task: () => Promise<T>): Promise<T> => {
    check(call, partition)
    return task()
  }
  return {
    ...reader,
    read: (from, limits) => checked('read', () => reader.read(from, limits)),
    bounds: () => checked('bounds', () => reader.bounds()),
    trim: (position) => checked('trim', () => reader.trim(position)),
    settle: () => checked('settle', () => reader.settle()),
  }
}

for (const call of ['open', 'read', 'bounds', 'settle'] as const) {
  test(`a journal that refuses to ${call} for a while is asked again, after growing pauses`, () =>
    scene(async ({ loader, refuse, append, positions, retries, fatal }) => {
      await append('gateway-0', 0, 1)
      await loader.flush()
      await append('gateway-0', 1, 2)
      refuse(call, 3)
      await loader.flush()
      assert.deepEqual(await positions(), ['gateway-0 0', 'gateway-0 1'])
      const pauses = retries.map((line) => line.split(' ')).map(([, waitMs]) => Number(waitMs))
      assert.ok(retries.every((line) => line.startsWith('EIO ')))
      assert.ok(pauses.includes(400))
      assert.deepEqual(fatal, [])
    }))
}

test('what was landed and could not be let go of is let go of later', () =>
  scene(async ({ loader, lake, refuse, append, retries, firstOf }) => {
    await append('gateway-0', 0, 3)
    refuse('trim', 1)
    await loader.flush()
    assert.deepEqual(retries, ['EIO 200'])
    assert.equal(await firstOf('gateway-0'), 0)
    lake.clock.advance(1000)
    await loader.flush()
    assert.equal(await firstOf('gateway-0'), 3)
  }))

test('a partition that cannot be read holds up no other, and is read once it can be', () =>
  scene(async ({ loader, lake, refuse, append, positions, fatal }) => {
    await append('gateway-0', 0, 1)
    await append('gateway-1', 1, 3)
    refuse('read', 5, { partition: 'gateway-0' })
    const landed: number[] = []
    const { commit } = lake.table
    const table = await lake.lake.table(lake.table.definition)
    table.commit = async (change) => {
      landed.push(...(change.txns ?? []).map(({ to }) => to))
      return commit.call(table, change)
    }
    await loader.flush()
    assert.deepEqual(landed, [2, 1])
    assert.deepEqual(await positions(), ['gateway-0 0', 'gateway-1 0', 'gateway-1 1'])
    assert.deepEqual(fatal, [])
  }))

test('a running loader outlives a disk that refuses, and ends at a gap', () =>
  scene(async ({ loader, refuse, append, retries, fatal }) => {
    await append('gateway-0', 0, 1)
    refuse('open', 2)
    refuse('read', 2)
    const gap = new InletError('INL_JRN_GAP', { partition: 'gateway-0', from: 0, to: 0 })
    refuse('read', 1000, { error: gap })
    await loader.start(new AbortController().signal)
    while (fatal.length === 0) await new Promise((resolve) => setImmediate(resolve))
    assert.deepEqual(fatal, [gap])
    assert.ok(retries.length >= 4)
  }))
