/**
 * Where tables live: objects under `/`-separated keys, published whole or not at all.
 *
 * The contract every driver keeps (test/contract/object-store.ts):
 * - an object is never seen in part, and never changes once published
 * - `putIfAbsent` succeeds for exactly one of any number of racing callers
 * - what `publish` or `putIfAbsent` resolved for survives a loss of power, and so does what `list`
 *   names, whoever put it there
 */
export interface ObjectStore {
  /** For messages: `folder /data/lake`. */
  readonly description: string
  /**
   * Publishes the finished local file at `localPath` under `key` and removes the local one.
   * Called by the loader with a key that holds a fresh UUID: nothing is ever overwritten.
   */
  publish(localPath: string, key: string): Promise<void>
  /** False when the key is taken: the caller lost a race. */
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
  /** Does nothing when there is no such object. */
  remove(key: string): Promise<void>
  /** A path of the local file system that DuckDB can read the object from. */
  localPath(key: string): Promise<string>
}

export interface StoredObject {
  readonly key: string
  readonly size: number
  /** Milliseconds since the epoch. */
  readonly modifiedAt: number
}
