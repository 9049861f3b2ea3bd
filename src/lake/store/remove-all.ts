/** Removes objects of which a store may keep some: a lock or a policy is no failure of upkeep. */
import { hasCode } from '../../core/errors.ts'
import type { ObjectStore } from './object-store.ts'

export interface Removal {
  readonly removed: number
  /** Those that the store does not let go of. */
  readonly refused: number
}

/** In the order of the keys. Rejects with any other failure. */
export async function removeAll(
  store: Pick<ObjectStore, 'remove'>,
  keys: readonly string[],
  onProgress?: (done: number, of: number) => void,
): Promise<Removal> {
  let refused = 0
  for (const [done, key] of keys.entries()) {
    onProgress?.(done, keys.length)
    try {
      await store.remove(key)
    } catch (error) {
      if (!hasCode(error, 'INL_LAK_REMOVE_REFUSED')) throw error
      refused++
    }
  }
  return { removed: keys.length - refused, refused }
}
