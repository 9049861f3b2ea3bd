/**
 * Journal to bronze: CPU of the loader's own process for each event, all threads counted.
 *
 * Events of a first journal are landed by themselves, and told as the start: a loader runs for
 * weeks, and compiling its code, which goes on for some five batches, would be a sixth of a
 * measurement of seconds. The lake is empty, so that no event asks it.
 */

import { hash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '../src/core/clock.ts'
import { sqliteLocks } from '../src/core/lock.ts'
import { nodeFiles } from '../src/core/node-files.ts'
import { systemRandom } from '../src/core/random.ts'
import { WindowCopy } from '../src/dedup/window-copy.ts'
import { ObjectView, viewJson } from '../src/event/json-view.ts'
import { recognise } from '../src/event/recognise.ts'
import type { EventEntry } from '../src/journal/entry.ts'
import { openSegmentReader } from '../src/journal/segment/reader.ts'
import { openSegmentWriter } from '../src/journal/segment/writer.ts'
import { openLake } from '../src/lake/lake.ts'
import { openSqlEngine } from '../src/lake/sql/duckdb.ts'
import { openFolderStore, scratchFolder } from '../src/lake/store/folder-store.ts'
import { landedArrivals } from '../src/loader/bronze.ts'
import { openLoader } from '../src/loader/loader.ts'
import type { Observer } from '../src/observe/events.ts'
import { arrivals } from '../src/tables/arrivals.ts'

const MIB = 2 ** 20
const WARM_UP_EVENTS = 300_000
const samples = new URL('../samples/', import.meta.url)

export interface BronzeFigures {
  readonly events: number
  readonly bytesPerEvent: number
  readonly cpuSeconds: number
  readonly wallSeconds: number
  readonly eventsPerCpuSecond: number
  readonly peakMemoryMiB: number
}

export interface BronzeBench extends BronzeFigures {
  /** Of the first events of the process. */
  readonly atStartPerCpuSecond: number
}

/** Real EventBridge events with ids of their own, from the `first` of them on. */
export function* sampleBodies(count: number, first = 0): Generator<Buffer> {
  const file = new URL('constructed/eventbridge-voice-conversation.ndjson', samples)
  const lines = readFileSync(file, 'utf8').trim().split('\n')
  for (let n = first; n < first + count; n++) {
    const line = lines[n % lines.length] ?? ''
    const id = `${String(n).padStart(8, '0')}-0000-4000-8000-000000000000`
    yield Buffer.from(line.replace(/"id": "[^"]{36}"/, `"id": "${id}"`))
  }
}

/** As the door would put it into the journal. */
export function entryOf(body: Buffer): EventEntry {
  const view = viewJson(body)
  if (!(view instanceof ObjectView)) throw new Error('a body is no object')
  const envelope = {
    ...recognise(view, body, { eventTypes: new Set<string>() }),
    source: 'genesys-prod',
    sender: 'hmac:genesys-prod',
    headers: '{"content-type":"application/json"}',
    receivedAt: systemClock.now(),
    body,
    bodySha256: hash('sha256', body, 'buffer'),
  }
  return { kind: 'event', envelope }
}

export async function benchBronze(events: number): Promise<BronzeBench> {
  const { eventsPerCpuSecond } = await land(WARM_UP_EVENTS)
  return { ...(await land(events)), atStartPerCpuSecond: eventsPerCpuSecond }
}

async function land(events: number): Promise<BronzeFigures> {
  const folder = await mkdtemp(join(tmpdir(), 'inlet-bench-'))
  try {
    const place = { dir: join(folder, 'journal'), partition: 'gateway-0' }
    const bytes = await fillJournal(place, sampleBodies(events))
    const { lake, loader, close } = await openBench(folder, place)
    const [cpu, wall] = [process.cpuUsage(), performance.now()]
    await loader.flush()
    const used = process.cpuUsage(cpu)
    const wallSeconds = (performance.now() - wall) / 1000
    await loader.stop()
    const [landed] = (await lake.table(arrivals)).snapshot().txns.values()
    close()
    if (landed !== events) throw new Error(`${landed} of ${events} events landed`)
    const cpuSeconds = (used.user + used.system) / 1e6
    return {
      events,
      bytesPerEvent: Math.round(bytes / events),
      cpuSeconds,
      wallSeconds,
      eventsPerCpuSecond: Math.round(events / cpuSeconds),
      peakMemoryMiB: Math.round(process.resourceUsage().maxRSS / 1024),
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

export async function fillJournal(
  place: { dir: string; partition: string },
  bodies: Iterable<Buffer>,
): Promise<number> {
  const writer = await openBenchWriter(place)
  let bytes = 0
  let group: EventEntry[] = []
  for (const body of bodies) {
    bytes += body.length
    group.push(entryOf(body))
    if (group.length < 64) continue
    await writer.append(group)
    group = []
  }
  if (group.length > 0) await writer.append(group)
  await writer.close()
  return bytes
}

export async function openBenchWriter(place: { dir: string; partition: string }) {
  const { writer } = await openSegmentWriter(
    { files: nodeFiles, locks: sqliteLocks, clock: systemClock, random: systemRandom },
    {
      ...place,
      maxBytes: 64 * 1024 * MIB,
      minFree: 0,
      segmentBytes: 64 * MIB,
      maxWaitingBytes: MIB,
    },
  )
  return writer
}

/** A lake in a folder, and a loader of one partition of a journal. */
export async function openBench(
  folder: string,
  place: { dir: string; partition: string },
  observer: Observer = () => undefined,
) {
  const root = join(folder, 'lake')
  const deps = { files: nodeFiles, clock: systemClock, random: systemRandom }
  const store = await openFolderStore(deps, { root })
  const scratch = scratchFolder(root)
  const engine = await openSqlEngine({ memoryLimit: 512 * MIB, threads: 2, folder: scratch })
  const lake = await openLake({ ...deps, store, engine }, { scratch })
  const loader = openLoader(
    {
      ...deps,
      landed: landedArrivals({ store, engine }),
      windowCopy: new WindowCopy(
        { ...deps, locks: sqliteLocks },
        { folder: join(scratch, 'window'), minFree: 0 },
      ),
      lake,
      openPartitions: async (open) => {
        if (open.has(place.partition)) return []
        const reader = await openSegmentReader({ files: nodeFiles, locks: sqliteLocks }, place)
        return reader === null ? [] : [reader]
      },
      observer,
      onFatal: (error) => {
        throw error
      },
    },
    {
      commitEveryMs: 5000,
      commitBytes: 64 * MIB,
      windowMs: 5 * 86_400_000,
      windowMaxBytes: 1024 * MIB,
      sources: [],
      acceptGaps: [],
    },
  )
  return { lake, loader, store, engine, scratch, close: () => engine.close() }
}

if (import.meta.main) {
  const events = Number(process.argv[2] ?? 1_000_000)
  console.log(JSON.stringify(await benchBronze(events)))
}
