/**
 * The writing side of a partition: group commit.
 *
 * Guarantee: when `append` resolves, its entries are on the disk, behind one write that is synced
 * and that they share with everything else that waited. Nobody waits for a timer: a flush begins as
 * soon as the one before it ended. What a crash does at each step:
 * - before the write returned: nothing was acknowledged; recovery keeps what is whole and cuts the
 *   rest
 * - after it: everything stays
 *
 * After a failed write nothing is known about that segment, so it is left alone and the
 * next group opens a segment of its own at the same position, which takes the failed one out of the
 * journal.
 */
import type { Clock } from '../../core/clock.ts'
import { makeDurableFolder } from '../../core/durable-folder.ts'
import { errorText, InletError } from '../../core/errors.ts'
import { type Files, isSystemError, type OpenFile } from '../../core/files.ts'
import type { Lock, Locks } from '../../core/lock.ts'
import type { Random } from '../../core/random.ts'
import { formatDuration } from '../../core/units.ts'
import { histogramOf, type Measured, type Reading } from '../../observe/metrics.ts'
import type { Entry } from '../entry.ts'
import { openEntryEncoder } from '../entry-codec.ts'
import type { JournalWriter } from '../journal.ts'
import { DiskBudget, type DiskLimits } from './disk-budget.ts'
import { type DurableMark, openDurableMark } from './durable-mark.ts'
import { crcSeed, SEGMENT_HEADER_BYTES } from './format.ts'
import { GroupBuffer } from './group-buffer.ts'
import { GROUP_BYTES } from './group-size.ts'
import { lockPath, segmentPath } from './layout.ts'
import { recoverPartition } from './recover.ts'

const SEGMENT_AGE_MS = 3_600_000
/** What is durable may be unseen by readers for this long, and for one more group. */
const PUBLISH_EVERY_MS = 5
/** Memory of so many groups stays, for the next ones that wait. */
const SPARE_GROUPS = 8
const LOCK_WAIT_MS = 5000
const LOCK_PAUSE_MS = 100
const MOMENT_MS = 500

export interface SegmentDeps {
  readonly files: Files
  readonly locks: Locks
  readonly clock: Clock
  readonly random: Random
}

export interface SegmentWriterOptions extends DiskLimits {
  /** The folder of the journal; the partition is a folder in it. Absolute. */
  readonly dir: string
  readonly partition: string
  readonly segmentBytes: number
  /** Bytes that may wait for the disk before appends are refused. */
  readonly maxWaitingBytes: number
  readonly patience?: LockPatience
}

/** For a writer before this one that is ending; 5 s where it is left out. */
export interface LockPatience {
  readonly forMs: number
  /** Called once, where it waits for longer than a moment. */
  readonly told: () => void
  readonly signal: AbortSignal
}

/**
 * The writer, and what recovery found. Rejects with INL_JRN_LOCKED when the partition has a writer.
 */
export async function openSegmentWriter(
  deps: SegmentDeps,
  options: SegmentWriterOptions,
): Promise<{ writer: JournalWriter & Measured; reports: string[] }> {
  const folder = `${options.dir}/${options.partition}`
  await makeDurableFolder(deps.files, folder)
  const lock = await acquire(deps, folder, options.patience)
  try {
    const recovery = await recoverPartition(deps.files, folder)
    const journalId = recovery.journalId ?? deps.random.uuid()
    const mark = await openDurableMark(deps.files, folder, journalId)
    const place = { journalId, generation: recovery.generation, position: recovery.end }
    const writer = new SegmentWriter({ ...deps, lock, mark }, { ...options, folder }, place)
    await writer.begin()
    return { writer, reports: recovery.reports }
  } catch (error) {
    lock.release()
    throw error
  }
}

interface Waiter {
  readonly index: number
  readonly resolve: (first: number) => void
  readonly reject: (error: InletError) => void
}

/** What one flush writes, and who waits for it. */
interface Group {
  readonly buffer: GroupBuffer
  readonly waiters: Waiter[]
}

interface OpenSegment {
  readonly file: OpenFile
  readonly generation: number
  readonly first: number
  readonly openedAt: number
  offset: number
}

class SegmentWriter implements JournalWriter, Measured {
  readonly journalId: string
  readonly partition: string
  readonly #deps: SegmentDeps & { readonly lock: Lock; readonly mark: DurableMark }
  readonly #options: SegmentWriterOptions & { readonly folder: string }
  readonly #seed: number
  readonly #budget: DiskBudget
  #position: number
  #generation: number
  #segment: OpenSegment | null = null
  readonly #encoder = openEntryEncoder()
  /** In their order; calls join the last one until it is full. */
  readonly #waiting: Group[] = []
  readonly #spares: GroupBuffer[] = []
  #flushing: Promise<void> | null = null
  #publishedAt = Number.NEGATIVE_INFINITY
  #closed = false
  readonly #syncSeconds = histogramOf('inlet_journal_sync_seconds')
  #writtenBytes = 0
  #failedGroups = 0

  constructor(
    deps: SegmentDeps & { lock: Lock; mark: DurableMark },
    options: SegmentWriterOptions & { folder: string },
    place: { journalId: string; generation: number; position: number },
  ) {
    this.#deps = deps
    this.#options = options
    this.journalId = place.journalId
    this.partition = options.partition
    this.#seed = crcSeed(place.journalId)
    this.#budget = new DiskBudget(deps, options.dir, options)
    this.#position = place.position
    this.#generation = place.generation
  }

  get durableEnd(): number {
    return this.#position
  }

  measure(reading: Reading): void {
    reading.number('inlet_journal_position', this.#position, {})
    reading.number('inlet_journal_waiting_bytes', this.#waitingBytes(), {})
    reading.number('inlet_journal_written_bytes_total', this.#writtenBytes, {})
    reading.number('inlet_journal_failed_groups_total', this.#failedGroups, {})
    reading.histogram('inlet_journal_sync_seconds', this.#syncSeconds, {})
  }

  /**
   * Fixes where the partition goes on. On a full disk that is left to the first group that fits.
   */
  async begin(): Promise<void> {
    this.#segment = await this.#openSegment().catch(() => null)
    this.#deps.mark.publish(this.#position)
  }

  append(entries: readonly Entry[]): Promise<number> {
    const { folder: path, maxWaitingBytes } = this.#options
    if (this.#closed) return Promise.reject(new InletError('INL_JRN_CLOSED', { path }))
    const bytes = this.#waitingBytes()
    if (bytes > maxWaitingBytes) {
      return Promise.reject(new InletError('INL_JRN_BUSY', { path, bytes }))
    }
    return new Promise((resolve, reject) => {
      const { buffer, waiters } = this.#gathering()
      waiters.push({ index: buffer.count, resolve, reject })
      for (const entry of entries) buffer.add(entry)
      this.#flushing ??= this.#flush()
    })
  }

  /**
   * The group that the next call joins. Whatever waits is bytes: as objects, entries that wait
   * would cost the garbage collector more than everything else does that is done with them.
   */
  #gathering(): Group {
    const last = this.#waiting.at(-1)
    if (last !== undefined && last.buffer.bytes < GROUP_BYTES) return last
    const buffer = this.#spares.pop() ?? new GroupBuffer(this.#encoder)
    const group = { buffer, waiters: [] }
    this.#waiting.push(group)
    return group
  }

  #waitingBytes(): number {
    let bytes = 0
    for (const { buffer } of this.#waiting) bytes += buffer.bytes
    return bytes
  }

  async close(): Promise<void> {
    this.#closed = true
    await this.#flushing
    await this.#deps.mark.close()
    await this.#segment?.file.close()
    this.#segment = null
    this.#deps.lock.release()
  }

  async #flush(): Promise<void> {
    for (let group = this.#waiting.shift(); group; group = this.#waiting.shift()) {
      const { buffer, waiters } = group
      try {
        const first = await this.#write(buffer)
        for (const waiter of waiters) waiter.resolve(first + waiter.index)
      } catch (error) {
        this.#failedGroups++
        const failure = this.#failure(error)
        for (const waiter of waiters) waiter.reject(failure)
      }
      buffer.clear()
      if (this.#spares.length < SPARE_GROUPS) this.#spares.push(buffer)
      this.#publish()
    }
    this.#flushing = null
  }

  /** Readers are told at once while nothing more waits, and every few groups while more does. */
  #publish(): void {
    const now = this.#deps.clock.elapsed()
    if (this.#waiting.length > 0 && now - this.#publishedAt < PUBLISH_EVERY_MS) return
    this.#publishedAt = now
    this.#deps.mark.publish(this.#position)
  }

  /** One write, which is synced; the position of the first entry. */
  async #write(group: GroupBuffer): Promise<number> {
    const reason = await this.#budget.refusal(group.bytes + SEGMENT_HEADER_BYTES)
    if (reason !== null)
      throw new InletError('INL_JRN_FULL', { path: this.#options.folder, reason })
    const segment = await this.#writableSegment()
    const now = this.#deps.clock.now()
    const { journalId } = this
    const header =
      segment.offset > 0
        ? null
        : { journalId, first: segment.first, generation: segment.generation, createdAt: now }
    const first = this.#position
    const place = { journalId, seed: this.#seed, first, now, segment: header }
    const bytes = group.seal(place)
    const began = this.#deps.clock.elapsed()
    try {
      await segment.file.write(bytes, segment.offset)
    } catch (error) {
      this.#segment = null
      await segment.file.close().catch(() => undefined)
      throw error
    }
    this.#syncSeconds.observe((this.#deps.clock.elapsed() - began) / 1000)
    this.#writtenBytes += bytes.length
    segment.offset += bytes.length
    this.#budget.spend(bytes.length)
    this.#position = first + group.count
    return first
  }

  async #writableSegment(): Promise<OpenSegment> {
    const segment = this.#segment
    if (segment !== null) {
      const age = this.#deps.clock.elapsed() - segment.openedAt
      const full = segment.offset >= this.#options.segmentBytes || age >= SEGMENT_AGE_MS
      if (!full || segment.offset === 0) return segment
      this.#segment = null
      await segment.file.close()
    }
    this.#segment = await this.#openSegment()
    return this.#segment
  }

  async #openSegment(): Promise<OpenSegment> {
    const { files, clock } = this.#deps
    const { folder } = this.#options
    const first = this.#position
    const file = await this.#createSegment(first)
    try {
      await files.syncFolder(folder)
    } catch (error) {
      await file.close().catch(() => undefined)
      throw error
    }
    return { file, generation: this.#generation, first, openedAt: clock.elapsed(), offset: 0 }
  }

  /** Under the next free name: an attempt that failed may have taken one all the same. */
  async #createSegment(first: number): Promise<OpenFile> {
    for (;;) {
      const generation = this.#generation + 1
      const path = segmentPath(this.#options.folder, generation, first)
      const file = await this.#deps.files.open(path, 'create-synced').catch((error: unknown) => {
        if (!isSystemError(error, 'EEXIST')) throw error
        return null
      })
      this.#generation = generation
      if (file !== null) return file
    }
  }

  #failure(error: unknown): InletError {
    if (error instanceof InletError) return error
    const details = { path: this.#options.folder, reason: errorText(error) }
    return new InletError('INL_JRN_WRITE', details, error)
  }
}

/** Another process may hold the lock for a moment while it looks whether the writer is gone. */
async function acquire(
  { clock, locks }: SegmentDeps,
  folder: string,
  patience?: LockPatience,
): Promise<Lock> {
  const waitMs = patience?.forMs ?? LOCK_WAIT_MS
  for (let waited = 0; waited < waitMs; waited += LOCK_PAUSE_MS) {
    const lock = locks.acquire(lockPath(folder))
    if (lock !== null) return lock
    if (waited === MOMENT_MS) patience?.told()
    await clock.sleep(LOCK_PAUSE_MS, patience?.signal)
  }
  throw new InletError('INL_JRN_LOCKED', { path: folder, waited: formatDuration(waitMs) })
}
