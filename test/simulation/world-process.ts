/**
 * The processes of a simulated world: gateways that write the journal, loaders that move it into
 * the lake. Each runs until its disk is gone, and ends by an error then.
 */

import type { Clock } from '../../src/core/clock.ts'
import type { Files } from '../../src/core/files.ts'
import type { Locks } from '../../src/core/lock.ts'
import type { Random } from '../../src/core/random.ts'
import { WindowCopy } from '../../src/dedup/window-copy.ts'
import type { Envelope } from '../../src/event/envelope.ts'
import type { EventEntry, RepeatEntry } from '../../src/journal/entry.ts'
import type { JournalReader, JournalWriter } from '../../src/journal/journal.ts'
import { listPartitions } from '../../src/journal/segment/layout.ts'
import { openSegmentReader } from '../../src/journal/segment/reader.ts'
import { openSegmentWriter } from '../../src/journal/segment/writer.ts'
import { type Loader, openLoader } from '../../src/loader/loader.ts'
import { arrivals } from '../../src/tables/arrivals.ts'
import { type LineLake, openLineLake } from './line-lake.ts'
import { ignoreRefusal, untilDone } from './refusal.ts'
import type { WorldTruth } from './world-truth.ts'

export const journalDir = '/data/journal'
export const lakeRoot = '/data/lake'

const HOUR_MS = 3_600_000
const limits = { maxBytes: 2 ** 30, minFree: 0, maxWaitingBytes: 2 ** 20, segmentBytes: 3000 }
const compaction = { targetSize: 20_000, smallFiles: 4, settledFiles: 2, settledAfterMs: HOUR_MS }
const loaderOptions = {
  commitEveryMs: 1000,
  commitBytes: 2500,
  windowMs: HOUR_MS,
  windowMaxBytes: 2 ** 20,
  sources: [],
  acceptGaps: [],
}

export interface WorldProcess {
  readonly files: Files
  readonly locks: Locks
  readonly clock: Clock
  readonly random: Random
  readonly truth: WorldTruth
}

/** Waves of deliveries at once, acknowledged when they are durable. */
export async function runGateway(process: WorldProcess, partition: string): Promise<never> {
  const { random } = process
  const options = { ...limits, dir: journalDir, partition }
  const { writer } = await untilDone(() => openSegmentWriter(patient(process), options))
  /** As the seen-cache of ingress: what this process has made durable, and where. */
  const seen = new Map<string, number>()
  for (;;) {
    const wave = Array.from({ length: 1 + random.below(4) }, () => deliver(process, writer, seen))
    await Promise.all(wave)
    // A refused append does not tell whether the process is gone.
    await process.files.stat(journalDir)
  }
}

async function deliver(
  { random, truth, clock }: WorldProcess,
  writer: JournalWriter,
  seen: Map<string, number>,
): Promise<void> {
  const envelopes = Array.from({ length: 1 + random.below(3) }, () =>
    truth.delivery(random, clock.now()),
  )
  const entries = envelopes.map((envelope): EventEntry | RepeatEntry => {
    const firstPosition = seen.get(contentName(envelope))
    if (firstPosition === undefined) return { kind: 'event', envelope }
    return { kind: 'repeat', envelope: { ...envelope, body: Buffer.alloc(0) }, firstPosition }
  })
  const first = await writer.append(entries).catch(() => null)
  if (first === null) return
  for (const [index, { kind, envelope }] of entries.entries()) {
    const place = {
      journalId: writer.journalId,
      partition: writer.partition,
      position: first + index,
    }
    truth.acknowledge(envelope, place)
    if (kind === 'event') seen.set(contentName(envelope), place.position)
  }
}

/** Id and bytes: only what agrees in both is journaled as a repeat. */
function contentName({ eventId, bodySha256 }: Envelope): string {
  return `${eventId} ${Buffer.from(bodySha256).toString('hex')}`
}

export async function runLoader(process: WorldProcess): Promise<never> {
  for (;;) {
    const lake = await untilDone(() => openLineLake(process, lakeRoot))
    const loader = loaderOf(process, lake)
    // A loader that an error stopped is started again by whoever looks after the processes.
    await load(process, lake, loader).catch(ignoreRefusal)
    await loader.stop()
  }
}

async function load(process: WorldProcess, { lake }: LineLake, loader: Loader): Promise<never> {
  const { upkeep } = lake
  for (;;) {
    await loader.flush()
    await rest(process, 40)
    const table = await lake.table(arrivals)
    const tasks = [
      () => upkeep.compact(table, { limits: compaction }),
      () => upkeep.checkpoint(table),
      () => upkeep.cleanLog(table),
      () => upkeep.vacuum(table),
    ]
    await tasks[process.random.below(5)]?.()
  }
}

/** Lands everything that is durable, with nobody else about. */
export async function drain(process: WorldProcess): Promise<void> {
  const loader = loaderOf(process, await openLineLake(process, lakeRoot))
  await loader.flush()
  await loader.stop()
}

function loaderOf(process: WorldProcess, { lake, landed }: LineLake): Loader {
  const { clock } = patient(process)
  const openPartitions = (open: ReadonlySet<string>) => openReaders(process, open)
  const onFatal = (error: unknown) => {
    throw error
  }
  const windowCopy = new WindowCopy(process, {
    folder: `${lakeRoot}-window`,
    minFree: 0,
    segmentBytes: 512,
  })
  return openLoader(
    { lake, landed, windowCopy, clock, openPartitions, observer: () => undefined, onFatal },
    loaderOptions,
  )
}

/** The clock of a process whose waits last while others do something, and no longer than itself. */
function patient(process: WorldProcess): WorldProcess {
  return { ...process, clock: { ...process.clock, sleep: () => rest(process, 20) } }
}

async function rest({ files, random }: WorldProcess, longest: number): Promise<void> {
  for (let calls = random.below(longest); calls >= 0; calls--) await files.stat('/')
}

export async function openReaders(
  process: WorldProcess,
  open: ReadonlySet<string> = new Set(),
): Promise<JournalReader[]> {
  const readers: JournalReader[] = []
  for (const partition of await listPartitions(process.files, journalDir)) {
    if (open.has(partition)) continue
    const reader = await openSegmentReader(process, { dir: journalDir, partition })
    if (reader !== null) readers.push(reader)
  }
  return readers
}
