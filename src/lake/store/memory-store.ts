/** The lake in memory, for tests: the same contract, save that nothing survives the process. */
import { dirname, join } from 'node:path'
import type { Clock } from '../../core/clock.ts'
import { InletError } from '../../core/errors.ts'
import type { Files } from '../../core/files.ts'
import { checkKey, type ObjectStore } from './object-store.ts'

/**
 * `folder` is an absolute path of the real file system: DuckDB reads objects from copies there,
 * which are made when it asks for them.
 */
export function memoryStore(
  deps: { files: Files; clock: Clock },
  options: { folder: string },
): ObjectStore {
  const { files, clock } = deps
  const objects = new Map<string, { bytes: Buffer; modifiedAt: number }>()
  const copied = new Map<string, Buffer>()
  const set = (key: string, bytes: Uint8Array) =>
    objects.set(key, { bytes: Buffer.from(bytes), modifiedAt: clock.now() })

  const copyOf = async (key: string) => {
    checkKey(key)
    const path = join(options.folder, key)
    const bytes = objects.get(key)?.bytes
    if (bytes === undefined || copied.get(key) === bytes) return path
    await files.makeFolder(dirname(path))
    if (copied.has(key)) await files.remove(path)
    const file = await files.open(path, 'create')
    await file.write(bytes, 0)
    await file.close()
    copied.set(key, bytes)
    return path
  }

  return {
    description: 'memory',
    async publish(localPath, key) {
      if (objects.has(key)) throw new InletError('INL_LAK_KEY', { key })
      set(key, await files.readAll(localPath))
      await files.remove(localPath)
    },
    async putIfAbsent(key, bytes) {
      if (objects.has(key)) return false
      set(key, bytes)
      return true
    },
    async put(key, bytes) {
      set(key, bytes)
    },
    async get(key) {
      checkKey(key)
      return objects.get(key)?.bytes ?? null
    },
    async list(prefix, startAfter = '') {
      return [...objects]
        .filter(([key]) => key.startsWith(prefix) && key > startAfter)
        .map(([key, { bytes, modifiedAt }]) => ({ key, size: bytes.length, modifiedAt }))
        .sort((a, b) => (a.key < b.key ? -1 : 1))
    },
    async remove(key) {
      objects.delete(key)
    },
    lease: () => ({
      pathOf: (key) => join(options.folder, key),
      bring: (keys) => Promise.all(keys.map(copyOf)),
      release() {},
    }),
    localPath: copyOf,
    async removeOldVersions() {
      return []
    },
    async removeUnfinished() {
      return 0
    },
  }
}
