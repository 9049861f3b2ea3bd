/**
 * Two stores as one: keys that begin with a prefix live in a store of their own, under the same
 * keys. Each promise is that of the store that a key belongs to.
 */
import type { ObjectStore } from './object-store.ts'

export interface Route {
  /** Ends in `/`. */
  readonly prefix: string
  readonly store: ObjectStore
}

/** `main` has all the other keys. */
export function routedStore(main: ObjectStore, route: Route): ObjectStore {
  const isRouted = (key: string) => key.startsWith(route.prefix)
  const of = (key: string) => (isRouted(key) ? route.store : main)
  /** A prefix that is shorter than the route's may find something in both. */
  const storesOf = (prefix: string) =>
    !isRouted(prefix) && route.prefix.startsWith(prefix) ? [main, route.store] : [of(prefix)]
  return {
    parts: [main, route.store],
    description: `${main.description}, ${route.prefix} in ${route.store.description}`,
    publish: (localPath, key) => of(key).publish(localPath, key),
    putIfAbsent: (key, bytes) => of(key).putIfAbsent(key, bytes),
    put: (key, bytes) => of(key).put(key, bytes),
    get: (key) => of(key).get(key),
    async list(prefix, startAfter) {
      const lists = storesOf(prefix).map((store) => store.list(prefix, startAfter))
      const found = (await Promise.all(lists)).flat()
      return found.sort((a, b) => (a.key < b.key ? -1 : 1))
    },
    remove: (key) => of(key).remove(key),
    lease() {
      const [routed, others] = [route.store.lease(), main.lease()]
      const pathOf = (key: string) => (isRouted(key) ? routed : others).pathOf(key)
      return {
        pathOf,
        async bring(keys) {
          await routed.bring(keys.filter(isRouted))
          await others.bring(keys.filter((key) => !isRouted(key)))
          return keys.map(pathOf)
        },
        release() {
          routed.release()
          others.release()
        },
      }
    },
    localPath: (key) => of(key).localPath(key),
    async removeOldVersions(prefix) {
      const kept = storesOf(prefix).map((store) => store.removeOldVersions(prefix))
      return (await Promise.all(kept)).flat()
    },
    async lockedVersions(prefix) {
      const locked = storesOf(prefix).map(async (store) => store.lockedVersions?.(prefix) ?? [])
      return (await Promise.all(locked)).flat()
    },
    async removeUnfinished(prefix, time) {
      const counts = storesOf(prefix).map((store) => store.removeUnfinished(prefix, time))
      return (await Promise.all(counts)).reduce((sum, count) => sum + count, 0)
    },
  }
}
