/**
 * A copy of the identity window on the disk of the loader, so that a start need not read all of it
 * out of the lake again (ADR 020).
 *
 * It is a cache: whoever fills a window from it first asks the lake whether what the copy stands
 * for (`CopyPoint`) is a past of the lake, and reads there what came since. What is missing, torn,
 * damaged or of another table is as if there were none.
 *
 *   manifest ──names──► sealed segment, sealed segment, ... , tail
 *
 * `append` adds a record to the tail, which says what the copy stands for from then on. A tail that
 * is long enough is sealed and another is begun; segments of which the window has let go are
 * removed. Nothing is synced. What a crash does at each step:
 * - in a record: it and what follows is cut off at the next start; the copy stands for less
 * - before the manifest is replaced: the segments that it does not name are removed
 * - a loss of power: what is not whole any more is found by its checksum
 *
 * Costs 32 bytes an event and some hundred a commit. Of one process, which holds the folder's lock.
 */
import { join } from 'node:path'
import type { Files, OpenFile } from '../core/files.ts'
import type { Lock, Locks } from '../core/lock.ts'
import type { Random } from '../core/random.ts'
import { replaceFile } from '../core/replace-file.ts'
import {
  type CopyPoint,
  type CopyRecord,
  encodeManifest,
  encodeRecord,
  type Manifest,
  parseManifest,
  recordsOf,
  type SealedSegment,
} from './copy-format.ts'
import { ROW_WORDS } from './identity-table.ts'
import type { IdentityWindow, WindowPlace } from './identity-window.ts'

const LOCK = 'lock'
const MANIFEST = 'manifest'
const ROWS_AT_ONCE = 2 ** 15

export interface CopyDeps {
  readonly files: Files
  readonly locks: Locks
  readonly random: Random
}

export interface CopyOptions {
  /** An absolute path, of nothing else. */
  readonly folder: string
  /** Bytes of the disk that stay free. */
  readonly minFree: number
  /** About as long as a segment becomes. */
  readonly segmentBytes?: number
}

interface Tail {
  readonly name: string
  readonly file: OpenFile
  bytes: number
  newest: number
}

/** What is known of the copy while it is open. */
interface Opened {
  readonly of: string
  point: CopyPoint
  sealed: readonly SealedSegment[]
  places: readonly WindowPlace[]
  readonly coversSince: number | null
  readonly sizes: Manifest['sizes']
  tail: Tail
}

const nowhere: CopyPoint = { version: -1, commit: '', txns: {} }

/** Calls must not overlap, save those of `write`. After a rejection only `drop` and `close`. */
export class WindowCopy {
  readonly #deps: CopyDeps
  readonly #folder: string
  readonly #minFree: number
  readonly #segmentBytes: number
  #lock: Lock | null = null
  #opened: Opened | null = null
  /** Rows that wait to be written, and how many words of them there are. */
  #waiting = new Uint32Array(0)
  #words = 0
  #turn: Promise<void> = Promise.resolve()

  constructor(deps: CopyDeps, { folder, minFree, segmentBytes = 2 ** 25 }: CopyOptions) {
    this.#deps = deps
    this.#folder = folder
    this.#minFree = minFree
    this.#segmentBytes = segmentBytes
  }

  /** What a copy of `of` stands for, if there is one; `fill` may follow. */
  async open(of: string): Promise<CopyPoint | null> {
    await this.#closeTail()
    await this.#takeLock()
    const manifest = await this.#readManifest()
    if (manifest?.of !== of) return null
    const { files } = this.#deps
    const path = this.#path(manifest.tail)
    if ((await files.stat(path)) === null) return null
    const file = await files.open(path, 'update')
    const tail = { name: manifest.tail, file, bytes: 0, newest: 0 }
    const opened = { ...manifest, tail }
    this.#opened = opened
    for (const record of recordsOf(await files.readAll(path))) {
      if (record.head !== null) learn(opened, record.head)
      tail.bytes = record.end
      tail.newest = Math.max(tail.newest, newestOf(record.rows))
    }
    await file.truncate(tail.bytes)
    return opened.point
  }

  /** Puts what `open` found into a window that is empty. False where some of it is damaged. */
  async fill(window: IdentityWindow): Promise<boolean> {
    const { sealed, tail, places, coversSince, sizes } = this.#required()
    for (const { journalId, partition } of places) window.partitionIndex(journalId, partition)
    if (coversSince !== null) window.startAt(coversSince)
    window.reserve(sizes)
    const segments = [...sealed, tail]
    const read = async (index: number) => {
      const { name = '' } = segments[index] ?? {}
      return index < segments.length ? this.#deps.files.readAll(this.#path(name)) : null
    }
    let coming = read(0)
    for (const [index, { bytes }] of segments.entries()) {
      const found = await coming
      coming = read(index + 1)
      coming.catch(() => undefined)
      if (found === null || setRecords(window, found) !== bytes) return false
    }
    await this.#removeUnnamed()
    return true
  }

  /** Begins anew, with nothing: `write` and then `finish` have to follow. */
  async begin(of: string): Promise<void> {
    await this.#takeLock()
    await this.drop()
    const tail = await this.#newTail()
    const empty = { point: nowhere, sealed: [], places: [], coversSince: null, sizes: [] }
    this.#opened = { of, ...empty, tail }
    this.#waiting = new Uint32Array(ROWS_AT_ONCE * ROW_WORDS)
    this.#words = 0
  }

  /** Resolves once there is room for more; the rows stay as they are until then. */
  write(rows: Uint32Array): Promise<void> | undefined {
    if (this.#words + rows.length <= this.#waiting.length) {
      this.#waiting.set(rows, this.#words)
      this.#words += rows.length
      return undefined
    }
    const waiting = this.#waiting.slice(0, this.#words)
    this.#words = 0
    this.#turn = this.#turn.then(async () => {
      await this.#put({ head: null, rows: waiting })
      await this.#put({ head: null, rows })
      const opened = this.#required()
      if (opened.tail.bytes >= this.#segmentBytes) await this.#seal(opened)
    })
    return this.#turn
  }

  /** From here on there is a copy: of `window`, all of which was written. */
  async finish(point: CopyPoint, window: IdentityWindow): Promise<void> {
    await this.#turn
    await this.#put({ head: null, rows: this.#waiting.subarray(0, this.#words) })
    this.#waiting = new Uint32Array(0)
    const opened = this.#required()
    opened.point = point
    opened.places = [...window.partitions]
    await this.#seal(opened)
    await this.#writeManifest(opened, window)
  }

  /** What the window was told since; `point` names the applications that moved. */
  async append(rows: Uint32Array, point: CopyPoint, window: IdentityWindow): Promise<void> {
    const opened = this.#required()
    const head = { ...point, places: window.partitions.slice(opened.places.length) }
    await this.#put({ head, rows })
    learn(opened, head)
    if (opened.tail.bytes < this.#segmentBytes) return
    await this.#seal(opened)
    opened.sealed = opened.sealed.filter(({ newest }) => newest >= window.coversSince)
    await this.#writeManifest(opened, window)
    await this.#removeUnnamed()
  }

  /** Lets go of the copy; one that somebody else holds stays as it is. */
  async drop(): Promise<void> {
    await this.#closeTail()
    if (this.#lock === null) return
    const { files } = this.#deps
    // Without its manifest the rest is nothing, whatever becomes of it.
    if ((await files.stat(this.#path(MANIFEST))) !== null) await files.remove(this.#path(MANIFEST))
    await this.#removeUnnamed()
  }

  async close(): Promise<void> {
    await this.#closeTail()
    this.#lock?.release()
    this.#lock = null
  }

  #required(): Opened {
    if (this.#opened === null) throw new Error('the copy of the window is not open')
    return this.#opened
  }

  #path(name: string): string {
    return join(this.#folder, name)
  }

  async #takeLock(): Promise<void> {
    if (this.#lock !== null) return
    await this.#deps.files.makeFolder(this.#folder)
    this.#lock = this.#deps.locks.acquire(this.#path(LOCK))
    if (this.#lock === null) throw new Error(`another process holds ${this.#path(LOCK)}`)
  }

  async #readManifest(): Promise<Manifest | null> {
    const { files } = this.#deps
    const path = this.#path(MANIFEST)
    if ((await files.stat(path)) === null) return null
    return parseManifest((await files.readAll(path)).toString())
  }

  async #writeManifest(opened: Opened, window: IdentityWindow): Promise<void> {
    const { of, point, places, sealed, tail } = opened
    const { sizes } = window
    const coversSince = Number.isFinite(window.coversSince) ? window.coversSince : null
    const manifest = { of, point, places, coversSince, sizes, sealed, tail: tail.name }
    await replaceFile(this.#deps.files, this.#path(MANIFEST), encodeManifest(manifest))
  }

  async #put(record: CopyRecord): Promise<void> {
    const { tail } = this.#required()
    for (const part of encodeRecord(record)) {
      if (part.length > 0) await tail.file.write(part, tail.bytes)
      tail.bytes += part.length
    }
    tail.newest = Math.max(tail.newest, newestOf(record.rows))
  }

  /** The tail is done, and another takes its place. */
  async #seal(opened: Opened): Promise<void> {
    const { name, bytes, newest, file } = opened.tail
    opened.tail = await this.#newTail()
    await file.close()
    opened.sealed = [...opened.sealed, { name, bytes, newest }]
  }

  async #newTail(): Promise<Tail> {
    const { files, random } = this.#deps
    const free = await files.freeBytes(this.#folder)
    if (free < this.#minFree + 2 * this.#segmentBytes)
      throw new Error('the disk has no room for it')
    const name = `${random.uuid()}.rows`
    return { name, file: await files.open(this.#path(name), 'create'), bytes: 0, newest: 0 }
  }

  async #closeTail(): Promise<void> {
    await this.#turn.catch(() => undefined)
    this.#turn = Promise.resolve()
    const { tail } = this.#opened ?? {}
    this.#opened = null
    await tail?.file.close()
  }

  async #removeUnnamed(): Promise<void> {
    const { sealed = [], tail } = this.#opened ?? {}
    const named = new Set(sealed.map(({ name }) => name))
    if (tail !== undefined) named.add(tail.name).add(MANIFEST)
    for (const name of await this.#deps.files.list(this.#folder))
      if (!named.has(name) && !name.startsWith(LOCK))
        await this.#deps.files.remove(this.#path(name))
  }
}

function learn(opened: Opened, head: CopyPoint & { places: readonly WindowPlace[] }): void {
  const { version, commit, txns, places } = head
  opened.point = { version, commit, txns: { ...opened.point.txns, ...txns } }
  opened.places = [...opened.places, ...places]
}

/** Where the valid records end. */
function setRecords(window: IdentityWindow, bytes: Buffer): number {
  let end = 0
  for (const record of recordsOf(bytes)) {
    window.setRows(record.rows)
    end = record.end
  }
  return end
}

/** The end of the second of the latest. */
function newestOf(rows: Uint32Array): number {
  let newest = 0
  for (let at = 5; at < rows.length; at += ROW_WORDS) newest = Math.max(newest, rows[at] ?? 0)
  return newest * 1000 + 999
}
