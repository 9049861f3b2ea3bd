/** A loader over the segments of a simulated disk and a real lake. */
import { type Clock, systemClock } from '../../src/core/clock.ts'
import type { Files } from '../../src/core/files.ts'
import { seededRandom } from '../../src/core/random.ts'
import { openSegmentReader } from '../../src/journal/segment/reader.ts'
import { openSegmentWriter } from '../../src/journal/segment/writer.ts'
import { landedArrivals } from '../../src/loader/bronze.ts'
import { type Loader, openLoader } from '../../src/loader/loader.ts'
import { ForgetfulDisk } from '../simulation/forgetful-files.ts'
import { eventEntry } from './entries.ts'
import { openTestLake, type TestLake } from './lake.ts'
import { memoryLocks } from './memory-locks.ts'

export const random = seededRandom(7)
export const place = { dir: '/journal', partition: 'gateway-0' }
export const folder = '/journal/gateway-0'
export const limits = { maxBytes: 2 ** 30, minFree: 0, maxWaitingBytes: 2 ** 20, segmentBytes: 500 }

export function depsOf(files: Files) {
  return { files, locks: memoryLocks(), clock: { ...systemClock, sleep: async () => {} }, random }
}

export async function append(files: Files, from: number, to: number): Promise<void> {
  const { writer } = await openSegmentWriter(depsOf(files), { ...place, ...limits })
  for (let n = from; n < to; n++) await writer.append([eventEntry(n)])
  await writer.close()
}

export function loaderOf(lake: TestLake, files: Files, acceptGaps: readonly string[] = []): Loader {
  const landed = landedArrivals(lake)
  const clock: Clock = {
    ...lake.clock,
    sleep: (_ms, signal) => systemClock.sleep(1, signal),
  }
  const openPartitions = async (open: ReadonlySet<string>) => {
    if (open.has(place.partition)) return []
    const reader = await openSegmentReader(depsOf(files), place)
    return reader === null ? [] : [reader]
  }
  const onFatal = (error: unknown) => {
    throw error
  }
  const observer = () => {}
  return openLoader(
    { landed, clock, lake: lake.lake, openPartitions, observer, onFatal },
    {
      commitEveryMs: 1000,
      commitBytes: 2 ** 20,
      windowMs: 432_000_000,
      windowMaxBytes: 2 ** 26,
      sources: [],
      acceptGaps,
    },
  )
}

/** What a loader does that is run once. */
export async function land(...args: Parameters<typeof loaderOf>): Promise<void> {
  const loader = loaderOf(...args)
  await loader.flush()
  await loader.stop()
}

export async function outcomes(lake: TestLake): Promise<string[]> {
  const { rows } = await lake.query(`
    SELECT concat_ws(' ', outcome, event_id, reason) FROM bronze.arrivals
    ORDER BY received_at, position`)
  return rows.map(([text]) => String(text))
}

export async function withLake(
  run: (lake: TestLake, files: Files) => Promise<void>,
): Promise<void> {
  const lake = await openTestLake()
  try {
    await run(lake, new ForgetfulDisk(random).mount())
  } finally {
    await lake.dispose()
  }
}
