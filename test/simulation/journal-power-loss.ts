/**
 * One seeded history of a journal partition on a disk that forgets: lives of appends, each ended by
 * a loss of power at a random call, each followed by a look at what is left.
 */
import type { Clock } from '../../src/core/clock.ts'
import { type Random, seededRandom } from '../../src/core/random.ts'
import type { JournalRecord } from '../../src/journal/entry.ts'
import type { JournalWriter } from '../../src/journal/journal.ts'
import { openSegmentReader } from '../../src/journal/segment/reader.ts'
import { openSegmentWriter, type SegmentDeps } from '../../src/journal/segment/writer.ts'
import { eventEntry } from '../support/entries.ts'
import { memoryLocks } from '../support/memory-locks.ts'
import { endAt, together } from './ending.ts'
import { ForgetfulDisk } from './forgetful-files.ts'
import type { History } from './history.ts'
import { ignoreRefusal, refuseSome, untilDone } from './refusal.ts'

const LIVES = 3
const CALLS_OF_A_LIFE = 60
const place = { dir: '/data/journal', partition: 'gateway-0' }
const limits = { maxBytes: 2 ** 30, minFree: 0, maxWaitingBytes: 2 ** 20, segmentBytes: 3000 }
const all = { records: 10_000, bytes: 2 ** 30 }
const clock: Clock = {
  now: () => 1_760_000_000_000,
  elapsed: () => 0,
  sleep: async () => {},
  every: () => () => {},
}

export const journalHistory: History = async (seed, skipSync) => {
  const random = seededRandom(seed)
  const disk = new ForgetfulDisk(random)
  const locks = memoryLocks()
  const promised = new Map<number, string>()
  const faults: string[] = []
  let number = 0
  for (let life = 0; life < LIVES && faults.length === 0; life++) {
    locks.free()
    const deps = { files: disk.mount(), locks, clock, random }
    const killed = random.below(2) === 0
    const end = killed ? () => disk.kill(deps.files) : () => disk.crash(random)
    const ordinal = disk.calls + random.below(CALLS_OF_A_LIFE)
    const when = random.below(2) === 0 ? 'before' : 'after'
    const hooks = [endAt([{ ordinal, when, end }])]
    if (random.below(2) === 0) hooks.push(refuseSome(random, 30))
    disk.hooks = { ...together(hooks), skipSync }
    // Ends by an error: every call fails once the process is gone.
    await live(deps, { random, promised, next: () => number++ }).catch(() => undefined)
    disk.hooks = { skipSync }
    // A writer may be the first to see what a killed one left, or a reader.
    if (killed && random.below(2) === 0) continue
    // Once as its successor finds it, and once more after the power failed as well.
    for (const _moment of ['after the end', 'after a loss of power']) {
      locks.free()
      faults.push(...(await inspect({ ...deps, files: disk.mount() }, promised)))
      disk.crash(random)
    }
  }
  return { faults, crashes: LIVES, promises: promised.size }
}

interface Life {
  readonly random: Random
  /** Position to event id: everything acknowledged, and everything that a reader was given. */
  readonly promised: Map<number, string>
  readonly next: () => number
}

async function live(deps: SegmentDeps, life: Life): Promise<void> {
  const { writer } = await untilDone(() => openSegmentWriter(deps, { ...place, ...limits }))
  for (;;) {
    const wave = Array.from({ length: 1 + life.random.below(4) }, () => append(writer, life))
    await Promise.allSettled(wave)
    if (life.random.below(4) === 0) await readSome(deps, life.promised).catch(ignoreRefusal)
    // A refused append does not tell whether the process is gone.
    await deps.files.stat(place.dir)
  }
}

async function append(writer: JournalWriter, life: Life): Promise<void> {
  const entries = Array.from({ length: 1 + life.random.below(3) }, () => eventEntry(life.next()))
  const first = await writer.append(entries)
  for (const [index, entry] of entries.entries()) {
    life.promised.set(first + index, entry.envelope.eventId)
  }
}

/** What a loader was given may be in the lake already: it must never change or go away. */
async function readSome(deps: SegmentDeps, promised: Map<number, string>): Promise<void> {
  const reader = await openSegmentReader(deps, place)
  for (const record of (await reader?.read(0, all)) ?? []) {
    promised.set(record.position, describe(record))
  }
}

async function inspect(deps: SegmentDeps, promised: Map<number, string>): Promise<string[]> {
  const faults: string[] = []
  try {
    const reader = await openSegmentReader(deps, place)
    const records = (await reader?.read(0, all)) ?? []
    const found = new Map(records.map((record) => [record.position, describe(record)]))
    for (const [position, id] of promised) {
      if (found.get(position) !== id) {
        faults.push(`position ${position} should hold ${id}, holds ${found.get(position)}`)
      }
    }
    for (const record of records) {
      if (record.kind === 'damaged') faults.push(`position ${record.position} is damaged`)
      else promised.set(record.position, describe(record))
    }
  } catch (error) {
    faults.push(`unreadable: ${error}`)
  }
  return faults
}

function describe(record: JournalRecord): string {
  if (record.kind === 'damaged') return 'damaged'
  return record.entry.kind === 'event' ? record.entry.envelope.eventId : record.entry.kind
}
