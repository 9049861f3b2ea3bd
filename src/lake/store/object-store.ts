/**
 * Where tables live: objects under `/`-separated keys, published whole or not at all.
 *
 * The contract every driver keeps (test/contract/object-store.ts):
 * - an object is never seen in part, and never changes once published
 * - `putIfAbsent` succeeds for exactly one of any number of racing callers
 * - what `publish` or `putIfAbsent` resolved for survives a loss of power, and so does what `list`
 *   names, whoever put it there
 */
import { InletError } from '../../core/errors.ts'

export interface ObjectStore {
  /** For messages: `folder /data/lake`. */
  readonly description: string
  /** Those that it is made of, where there are several: each has to prove itself. */
  readonly parts?: readonly ObjectStore[]
  /**
   * Publishes the finished local file at `localPath` under `key` and takes the local one away.
   * Called by the loader with a key that holds a fresh UUID: nothing is ever overwritten.
   */
  publish(localPath: string, key: string): Promise<void>
  /**
   * False when the key is taken: the caller lost a race. `bytes` hold what no other caller's do,
   * such as a UUID: by it a store finds out whose object it is after an answer that was lost.
   */
  putIfAbsent(key: string, bytes: Uint8Array): Promise<boolean>
  /**
   * Replaces the object atomically. For hints such as `_last_checkpoint` that may be stale: a loss
   * of power may bring the old one back.
   */
  put(key: string, bytes: Uint8Array): Promise<void>
  /** Null when there is no such object. */
  get(key: string): Promise<Buffer | null>
  /** Objects whose key begins with `prefix`, sorted by key, from `startAfter` (exclusive) on. */
  list(prefix: string, startAfter?: string): Promise<StoredObject[]>
  /**
   * Does nothing when there is no such object. Rejects with INL_LAK_REMOVE_REFUSED where the store
   * does not let go of it: the object stays as it is.
   */
  remove(key: string): Promise<void>
  /** For a reader such as DuckDB, which needs objects on the local file system. */
  lease(): Lease
  /** Of an object that is leased until the store is closed. */
  localPath(key: string): Promise<string>
  /**
   * Removes what the store keeps of objects below `prefix` that were removed or replaced. Resolves
   * to what it does not let go of.
   */
  removeOldVersions(prefix: string): Promise<KeptObject[]>
  /** Of those, what a lock holds; removes nothing. Left out by a store that locks nothing. */
  lockedVersions?(prefix: string): Promise<KeptObject[]>
  /**
   * Removes what was begun below `prefix` before `time` (milliseconds since the epoch) and never
   * became an object. Resolves to how many there were.
   */
  removeUnfinished(prefix: string, time: number): Promise<number>
}

/** Objects on the local file system, whole and unchanged until the lease is released. */
export interface Lease {
  /** Where the object will be once it was brought: a path that ends in its key. */
  pathOf(key: string): string
  /** All of them, or it rejects. Resolves to their paths. */
  bring(keys: readonly string[]): Promise<string[]>
  /** May be called again, which does nothing. */
  release(): void
}

/** What a store does not let go of. */
export interface KeptObject {
  readonly key: string
  /** Of an older version; null for the object itself. */
  readonly version: string | null
  /** When its lock ends, ISO 8601; null where no lock that ends by itself is known. */
  readonly until: string | null
  readonly reason: string
}

export interface StoredObject {
  readonly key: string
  readonly size: number
  /** Milliseconds since the epoch. */
  readonly modifiedAt: number
}

/** Throws INL_LAK_KEY for a key that could leave its place in a store. */
export function checkKey(key: string): void {
  const strange = key.split('/').some((part) => part === '' || part === '.' || part === '..')
  if (strange || key.includes('\0')) throw new InletError('INL_LAK_KEY', { key })
}
