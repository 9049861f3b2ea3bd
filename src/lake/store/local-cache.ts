/**
 * Objects of a remote store on the local disk, for DuckDB to read: what was read last is kept, up
 * to a size.
 *
 * The folder is shared by all processes of a machine. `objects` holds what is kept, `leases` one
 * folder for each open cache, with hard links to what it reads just now. So nobody's clearing takes
 * a file from under a reader, and what a process left when it died is removed by the next one to
 * open the folder (its lock is free then).
 *
 * Guarantee: the least recently read go first, and never one that is leased. Limits: what is leased
 * may by itself be more than `maxBytes`; a fetch that would leave less than `minFree` of the disk
 * rejects with INL_LAK_CACHE_FULL. Only objects with a UUID in their name are kept: other names
 * may come to mean another object, in a lake that was begun anew. Nothing here survives a loss of
 * power, nor needs to.
 */
import { existsSync, linkSync, rmSync, utimesSync } from 'node:fs'
import { mkdir, readdir, rename, rm, stat, statfs, unlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Clock } from '../../core/clock.ts'
import { InletError } from '../../core/errors.ts'
import { isSystemError } from '../../core/files.ts'
import type { Lock, Locks } from '../../core/lock.ts'
import type { Random } from '../../core/random.ts'
import { openSlots } from '../../core/slots.ts'
import { checkKey, type Lease } from './object-store.ts'

export interface CacheDeps {
  readonly clock: Clock
  readonly locks: Locks
  readonly random: Random
}

export interface CacheOptions {
  /** An absolute path. */
  readonly folder: string
  readonly maxBytes: number
  /** Bytes that stay free of the disk. */
  readonly minFree: number
}

/** Resolves once the disk has room for so many bytes. */
export type MakeRoom = (bytes: number) => Promise<void>

export interface Origin {
  /** Writes the object to a new file at `path`, after asking for the room that it takes. */
  fetch(key: string, path: string, makeRoom: MakeRoom): Promise<void>
}

/** An object that a lease wants. */
interface Wanted {
  readonly space: string
  readonly key: string
  readonly path: string
  readonly origin: Origin
}

const fetchesAtOnce = 8
/** A folder is made, then locked: one younger than this may be about to be. */
const abandonedAfterMs = 60_000

export async function openLocalCache(deps: CacheDeps, options: CacheOptions): Promise<LocalCache> {
  const { folder } = options
  const leases = join(folder, 'leases')
  await mkdir(leases, { recursive: true, mode: 0o700 })
  await removeAbandoned(deps, leases)
  const own = join(leases, deps.random.uuid())
  const lock = deps.locks.acquire(`${own}.lock`)
  const cache = new LocalCache(deps, options, { folder: own, lock })
  await cache.measure()
  return cache
}

export class LocalCache {
  readonly #deps: CacheDeps
  readonly #options: CacheOptions
  readonly #own: { readonly folder: string; readonly lock: Lock | null }
  readonly #slots = openSlots(fetchesAtOnce)
  readonly #coming = new Map<string, Promise<void>>()
  #held = 0
  #reserved = 0
  #leases = 0
  #parts = 0
  #clearing: Promise<void> = Promise.resolve()

  constructor(
    deps: CacheDeps,
    options: CacheOptions,
    own: { readonly folder: string; readonly lock: Lock | null },
  ) {
    this.#deps = deps
    this.#options = options
    this.#own = own
  }

  /** Of objects of the store `space`, which are fetched where they are not kept. */
  lease(space: string, origin: Origin): Lease {
    const folder = join(this.#own.folder, String(this.#leases++))
    const pathOf = (key: string) => {
      checkKey(key)
      return join(folder, key)
    }
    return {
      pathOf,
      bring: async (keys) => {
        const wanted = keys.map((key) => ({ space, key, path: pathOf(key), origin }))
        await all(wanted.map((one) => this.#slots(() => this.#bring(one))))
        return wanted.map(({ path }) => path)
      },
      release: () => {
        rmSync(folder, { recursive: true, force: true })
        if (this.#held > this.#options.maxBytes) this.#startClearing(0)
      },
    }
  }

  /** Takes a local file as the object that it has become; removes one of another file system. */
  async keep(space: string, key: string, localPath: string): Promise<void> {
    const { size } = await stat(localPath)
    if (!isUnique(key) || size > this.#options.maxBytes) return unlink(localPath)
    const path = this.#pathOf(space, key)
    await this.#clear(size)
    await mkdir(dirname(path), { recursive: true, mode: 0o700 })
    try {
      await rename(localPath, path)
      this.#held += size
    } catch (error) {
      if (!isSystemError(error, 'EXDEV')) throw error
      await unlink(localPath)
    }
  }

  async forget(space: string, key: string): Promise<void> {
    await rm(this.#pathOf(space, key), { force: true })
  }

  /** Looks at what is there, others' files included. */
  async measure(): Promise<void> {
    const kept = await this.#kept()
    this.#held = kept.reduce((sum, { size }) => sum + size, 0)
  }

  close(): void {
    rmSync(this.#own.folder, { recursive: true, force: true })
    rmSync(`${this.#own.folder}.lock`, { force: true })
    this.#own.lock?.release()
  }

  async #bring(wanted: Wanted): Promise<void> {
    const { space, key, path } = wanted
    if (existsSync(path)) return
    const kept = this.#pathOf(space, key)
    await mkdir(dirname(path), { recursive: true, mode: 0o700 })
    if (!isUnique(key)) return this.#fetch(wanted)
    await this.#coming.get(kept)?.catch(() => undefined)
    if (this.#link(kept, path)) return
    const coming = this.#fetchAndKeep(wanted, kept)
    this.#coming.set(kept, coming)
    await coming.finally(() => this.#coming.delete(kept))
  }

  async #fetchAndKeep(wanted: Wanted, kept: string): Promise<void> {
    await this.#fetch(wanted)
    await mkdir(dirname(kept), { recursive: true, mode: 0o700 })
    if (this.#link(wanted.path, kept)) this.#held += (await stat(kept)).size
  }

  async #fetch({ key, path, origin }: Wanted): Promise<void> {
    const part = join(this.#own.folder, `part-${this.#parts++}`)
    let reserved = 0
    const makeRoom: MakeRoom = async (bytes) => {
      this.#reserved += bytes - reserved
      reserved = bytes
      await this.#clear(0)
      await this.#checkDisk(bytes)
    }
    try {
      await origin.fetch(key, part, makeRoom)
      await rename(part, path)
    } finally {
      this.#reserved -= reserved
    }
  }

  async #checkDisk(bytes: number): Promise<void> {
    const { folder, minFree } = this.#options
    const { bavail, bsize } = await statfs(folder)
    const free = bavail * bsize
    if (free - bytes >= minFree) return
    throw new InletError('INL_LAK_CACHE_FULL', { folder, bytes, free, minFree })
  }

  /** False where `from` is not there, or `to` is already. Marks it as read now. */
  #link(from: string, to: string): boolean {
    try {
      linkSync(from, to)
      const now = this.#deps.clock.now() / 1000
      utimesSync(to, now, now)
      return true
    } catch (error) {
      if (isSystemError(error, 'ENOENT') || isSystemError(error, 'EEXIST')) return false
      throw error
    }
  }

  #startClearing(coming: number): void {
    const { maxBytes } = this.#options
    this.#clearing = this.#clearing
      .then(() => this.#clearTo(maxBytes - this.#reserved - coming))
      .catch(() => undefined)
  }

  /** Makes room for what is being fetched, and `coming` bytes more. */
  async #clear(coming: number): Promise<void> {
    const isOver = () => this.#held + this.#reserved + coming > this.#options.maxBytes
    if (!isOver()) return
    await this.#clearing
    if (!isOver()) return
    this.#startClearing(coming)
    await this.#clearing
  }

  /** What has other links is leased by somebody: to remove it would free nothing. */
  async #clearTo(bytes: number): Promise<void> {
    const kept = await this.#kept()
    let held = kept.reduce((sum, { size }) => sum + size, 0)
    const free = kept.filter(({ links }) => links === 1).sort((a, b) => a.readAt - b.readAt)
    for (const { path, size } of free) {
      if (held <= bytes) break
      await rm(path, { force: true })
      held -= size
    }
    this.#held = held
  }

  async #kept() {
    const names = await readdir(join(this.#options.folder, 'objects'), {
      recursive: true,
      withFileTypes: true,
    }).catch(unlessMissing([]))
    const files = names.filter((entry) => entry.isFile())
    const found = files.map(async ({ parentPath, name }) => {
      const path = join(parentPath, name)
      const at = await stat(path).catch(unlessMissing(null))
      return at === null ? [] : [{ path, size: at.size, links: at.nlink, readAt: at.mtimeMs }]
    })
    return (await Promise.all(found)).flat()
  }

  #pathOf(space: string, key: string): string {
    return join(this.#options.folder, 'objects', space, key)
  }
}

/** Waits for all, and rejects with the first failure. */
async function all(tasks: readonly Promise<void>[]): Promise<void> {
  const results = await Promise.allSettled(tasks)
  const failed = results.find((one) => one.status === 'rejected')
  if (failed !== undefined) throw failed.reason
}

const uuid = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/i

function isUnique(key: string): boolean {
  return uuid.test(key.slice(key.lastIndexOf('/') + 1))
}

async function removeAbandoned({ clock, locks }: CacheDeps, leases: string): Promise<void> {
  const names = (await readdir(leases)).filter((name) => name.endsWith('.lock'))
  for (const name of names) {
    const path = join(leases, name)
    const found = await stat(path).catch(unlessMissing(null))
    if (found === null || clock.now() - found.mtimeMs < abandonedAfterMs) continue
    const lock = locks.acquire(path)
    if (lock === null) continue
    await rm(path.slice(0, -'.lock'.length), { recursive: true, force: true })
    await rm(path, { force: true })
    lock.release()
  }
}

function unlessMissing<T>(otherwise: T): (error: unknown) => T {
  return (error) => {
    if (isSystemError(error, 'ENOENT')) return otherwise
    throw error
  }
}
