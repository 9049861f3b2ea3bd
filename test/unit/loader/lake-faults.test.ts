/** What the loader does while the lake refuses. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Clock } from '../../../src/core/clock.ts'
import { createMemoryJournal } from '../../../src/journal/memory-journal.ts'
import { audit } from '../../../src/loader/audit.ts'
import { landedArrivals } from '../../../src/loader/bronze.ts'
import { openLoader } from '../../../src/loader/loader.ts'
import { eventEntry } from '../../support/entries.ts'
import { openTestLake, type TestLake } from '../../support/lake.ts'

const DAY = 86_400_000

/** A loader of three events, whose clock's `sleep` is called each time that it is to try again. */
async function landThree(lake: TestLake, clock: Partial<Clock>): Promise<void> {
  const journal = createMemoryJournal({
    journalId: '00000000-0000-4000-8000-000000000000',
    partition: 'gateway-0',
  })
  await journal.openWriter().append([0, 1, 2].map((number) => eventEntry(number)))
  const loader = openLoader(
    {
      landed: landedArrivals(lake),
      clock: { ...lake.clock, ...clock },
      lake: lake.lake,
      openPartitions: async (open) => (open.size === 0 ? [journal.openReader()] : []),
      observer: () => undefined,
      onFatal: (error) => {
        throw error
      },
    },
    {
      commitEveryMs: 1000,
      commitBytes: 2 ** 20,
      windowMs: 5 * DAY,
      windowMaxBytes: 2 ** 26,
      sources: [],
      acceptGaps: [],
    },
  )
  await loader.flush()
  await loader.stop()
}

test('files whose commit had to wait for days are not lost to vacuum', async () => {
  const lake = await openTestLake()
  try {
    const { store } = lake
    const putIfAbsent = store.putIfAbsent.bind(store)
    let takes = false
    store.putIfAbsent = async (key, bytes) => {
      if (!takes) throw new Error('the log takes nothing')
      return putIfAbsent(key, bytes)
    }
    const sleep = async () => {
      const [published] = await store.list('bronze/arrivals/outcome')
      lake.clock.advance((published?.modifiedAt ?? 0) - lake.clock.now() + 3 * DAY)
      await lake.lake.upkeep.vacuum(lake.table)
      takes = true
    }
    await landThree(lake, { sleep })
    const report = await audit(lake, lake.table, { scopes: new Map(), most: 10 })
    assert.deepEqual([report.clean, report.events], [true, 3])
  } finally {
    await lake.dispose()
  }
})

test('a decision that failed half-way is taken again as if for the first time', async () => {
  const lake = await openTestLake()
  try {
    let calls = 0
    const now = () => {
      // The window is opened, then every verdict is given, then the rows are made.
      if (++calls === 2) throw new RangeError('array buffer allocation failed')
      return lake.clock.now()
    }
    await landThree(lake, { now })
    assert.ok(calls > 2)
    const { events, duplicates } = await audit(lake, lake.table, { scopes: new Map(), most: 10 })
    assert.deepEqual({ events, duplicates }, { events: 3, duplicates: 0 })
  } finally {
    await lake.dispose()
  }
})
