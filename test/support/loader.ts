/** A loader over in-memory journals and a real lake, opened anew as often as a test likes. */
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { sqliteLocks } from '../../src/core/lock.ts'
import { nodeFiles } from '../../src/core/node-files.ts'
import { systemRandom } from '../../src/core/random.ts'
import { WindowCopy } from '../../src/dedup/window-copy.ts'
import type { Entry } from '../../src/journal/entry.ts'
import type { JournalReader, JournalWriter } from '../../src/journal/journal.ts'
import { createMemoryJournal, type MemoryJournal } from '../../src/journal/memory-journal.ts'
import { landedArrivals } from '../../src/loader/bronze.ts'
import {
  type Loader,
  type LoaderDeps,
  type LoaderOptions,
  openLoader,
} from '../../src/loader/loader.ts'
import type { Measured } from '../../src/observe/metrics.ts'
import { openTestLake, type TestLake } from './lake.ts'

const DAY_MS = 86_400_000

export interface Landing extends Measured {
  readonly lake: TestLake
  readonly journals: ReadonlyMap<string, MemoryJournal>
  /** Puts entries into a partition and lands everything. */
  land(entries: readonly Entry[], partition?: string): Promise<void>
  /** The loader's process ends and another begins; it may have lost its copy of the window. */
  restart(how?: { readonly withoutCopy: boolean }): Promise<void>
  /** `position outcome event_id reason first_position`, in order, of one partition. */
  rows(partition?: string): Promise<string[]>
  dispose(): Promise<void>
}

export async function openLanding(
  change: Partial<LoaderOptions> = {},
  deps: Pick<LoaderDeps, 'bodyMask'> = {},
): Promise<Landing> {
  const lake = await openTestLake()
  const journals = new Map<string, MemoryJournal>()
  const writers = new Map<string, JournalWriter>()
  const options: LoaderOptions = {
    commitEveryMs: 1000,
    commitBytes: 2 ** 20,
    windowMs: 5 * DAY_MS,
    windowMaxBytes: 2 ** 26,
    sources: [{ name: 'test', scope: 'test', repeatMs: 600_000 }],
    acceptGaps: [],
    ...change,
  }
  const folder = join(lake.scratch, 'window')
  const open = () => {
    const copyDeps = { files: nodeFiles, locks: sqliteLocks, random: systemRandom }
    const windowCopy = new WindowCopy(copyDeps, { folder, minFree: 0, segmentBytes: 2048 })
    return openMemoryLoader(lake, { journals, options, windowCopy, ...deps })
  }
  let loader = open()
  return {
    lake,
    journals,
    async land(entries, partition = 'gateway-0') {
      const journal = journals.get(partition) ?? newJournal(journals.size, partition)
      journals.set(partition, journal)
      const writer = writers.get(partition) ?? journal.openWriter()
      writers.set(partition, writer)
      await writer.append(entries)
      await loader.flush()
    },
    async restart({ withoutCopy } = { withoutCopy: false }) {
      await loader.stop()
      if (withoutCopy) await rm(folder, { recursive: true, force: true })
      loader = open()
    },
    async rows(partition = 'gateway-0') {
      const { rows } = await lake.query(`
        SELECT concat_ws(' ', position, outcome, event_id, reason, first_position)
        FROM bronze.arrivals WHERE journal_partition = '${partition}' ORDER BY position`)
      return rows.map(([text]) => String(text))
    },
    measure: (reading) => loader.measure(reading),
    async dispose() {
      await loader.stop()
      await lake.dispose()
    },
  }
}

function newJournal(number: number, partition: string): MemoryJournal {
  const journalId = `00000000-0000-4000-8000-00000000000${number}`
  return createMemoryJournal({ journalId, partition })
}

export function openMemoryLoader(
  lake: TestLake,
  made: Pick<LoaderDeps, 'bodyMask' | 'windowCopy'> & {
    journals: ReadonlyMap<string, MemoryJournal>
    options: LoaderOptions
  },
): Loader {
  const openPartitions = async (known: ReadonlySet<string>): Promise<JournalReader[]> =>
    [...made.journals].flatMap(([name, journal]) => (known.has(name) ? [] : [journal.openReader()]))
  return openLoader(
    {
      ...made,
      landed: landedArrivals(lake),
      clock: lake.clock,
      lake: lake.lake,
      openPartitions,
      observer: (event, fields) => {
        if (event === 'loader_retrying' || event === 'loader_window_copy_failed')
          throw new Error(String(fields?.['reason']))
      },
      onFatal: (error) => {
        throw error
      },
    },
    made.options,
  )
}
