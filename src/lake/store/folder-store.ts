/**
 * The lake in a folder of the local file system.
 *
 * What resolves has survived a loss of power, and nothing is ever visible in part: bytes are synced
 * under a name nobody reads (in `.scratch`, or where DuckDB wrote them), then get their key by
 * `link`, then the folder that holds the key is synced. A crash before the link leaves a scratch
 * file, which vacuum removes; a crash after it leaves a whole object. Hints are renamed into place
 * and left to the disk's own time.
 *
 * Limits: one file system for the folder and for what is published (a link cannot cross); it must
 * have hard links. Objects are listed by walking, which costs a `stat` an object.
 */
import { dirname, join } from 'node:path'
import { makeDurableFolder } from '../../core/durable-folder.ts'
import type { Files } from '../../core/files.ts'
import { isSystemError } from '../../core/files.ts'
import type { Random } from '../../core/random.ts'
import { checkKey, type Lease, type ObjectStore, type StoredObject } from './object-store.ts'

const scratchName = '.scratch'

/** Where local files for this store are written: on its own file system, and never listed. */
export function scratchFolder(root: string): string {
  return join(root, scratchName)
}

/** `root` is an absolute path; it is created where it does not exist. */
export async function openFolderStore(
  deps: { files: Files; random: Random },
  options: { root: string },
): Promise<ObjectStore> {
  const store = new FolderStore(deps, options)
  await store.prepare()
  return store
}

class FolderStore implements ObjectStore {
  readonly description: string
  readonly #files: Files
  readonly #random: Random
  readonly #root: string
  readonly #durableFolders = new Set<string>()

  constructor(deps: { files: Files; random: Random }, options: { root: string }) {
    this.#files = deps.files
    this.#random = deps.random
    this.#root = options.root
    this.description = `folder ${options.root}`
  }

  async prepare(): Promise<void> {
    await this.#settleFolder(this.#root)
    await this.#files.makeFolder(scratchFolder(this.#root))
  }

  async publish(localPath: string, key: string): Promise<void> {
    const target = this.#pathOf(key)
    const file = await this.#files.open(localPath, 'update')
    try {
      await file.sync()
    } finally {
      await file.close()
    }
    await this.#settleFolder(dirname(target))
    await this.#files.link(localPath, target)
    try {
      await this.#files.syncFolder(dirname(target))
      await this.#files.remove(localPath)
    } catch (error) {
      // Nobody will name it: whoever tries again does so under another key.
      await this.#files.remove(target).catch(() => undefined)
      throw error
    }
  }

  async putIfAbsent(key: string, bytes: Uint8Array): Promise<boolean> {
    const target = this.#pathOf(key)
    const temporary = await this.#writeScratch(bytes)
    await this.#settleFolder(dirname(target))
    const won = await this.#files.link(temporary, target).then(
      () => true,
      (error: unknown) => {
        if (isSystemError(error, 'EEXIST')) return false
        throw error
      },
    )
    if (won) await this.#files.syncFolder(dirname(target))
    await this.#files.remove(temporary)
    return won
  }

  async put(key: string, bytes: Uint8Array): Promise<void> {
    const target = this.#pathOf(key)
    const temporary = await this.#writeScratch(bytes)
    await this.#settleFolder(dirname(target))
    await this.#files.rename(temporary, target)
  }

  async get(key: string): Promise<Buffer | null> {
    try {
      return await this.#files.readAll(this.#pathOf(key))
    } catch (error) {
      if (isSystemError(error, 'ENOENT')) return null
      throw error
    }
  }

  async list(prefix: string, startAfter = ''): Promise<StoredObject[]> {
    const folderKey = prefix.slice(0, prefix.lastIndexOf('/') + 1)
    const found = await this.#walk(folderKey, { prefix, startAfter })
    return found.sort((a, b) => (a.key < b.key ? -1 : 1))
  }

  async remove(key: string): Promise<void> {
    try {
      await this.#files.remove(this.#pathOf(key))
    } catch (error) {
      if (!isSystemError(error, 'ENOENT')) throw error
    }
  }

  /** Where they lie: vacuum spares for two days what a reader may hold. */
  lease(): Lease {
    const pathOf = (key: string) => this.#pathOf(key)
    return { pathOf, bring: async (keys) => keys.map(pathOf), release() {} }
  }

  async localPath(key: string): Promise<string> {
    return this.#pathOf(key)
  }

  async removeOldVersions(): Promise<[]> {
    return []
  }

  /** Scratch files are of the folder as a whole: upkeep clears it. */
  async removeUnfinished(): Promise<number> {
    return 0
  }

  #pathOf(key: string): string {
    checkKey(key)
    return join(this.#root, key)
  }

  async #writeScratch(bytes: Uint8Array): Promise<string> {
    const path = join(scratchFolder(this.#root), this.#random.uuid())
    const file = await this.#files.open(path, 'create')
    try {
      await file.write(bytes, 0)
      await file.sync()
    } finally {
      await file.close()
    }
    return path
  }

  /** Resolves once the folder exists and its whole path is durable; looks only once. */
  async #settleFolder(folder: string): Promise<void> {
    if (this.#durableFolders.has(folder)) return
    await makeDurableFolder(this.#files, folder)
    this.#durableFolders.add(folder)
  }

  async #walk(
    folderKey: string,
    range: { prefix: string; startAfter: string },
  ): Promise<StoredObject[]> {
    const found: StoredObject[] = []
    for (const name of await this.#durableNames(join(this.#root, folderKey))) {
      const key = `${folderKey}${name}`
      if (key === scratchName || !key.startsWith(range.prefix)) continue
      if (key <= range.startAfter && !range.startAfter.startsWith(key)) continue
      const stat = await this.#files.stat(join(this.#root, key))
      if (stat?.isFolder) found.push(...(await this.#walk(`${key}/`, range)))
      else if (stat && key > range.startAfter)
        found.push({ key, size: stat.size, modifiedAt: stat.modifiedAt })
    }
    return found
  }

  /**
   * What is listed is durable: a name that a crashed process linked and did not sync would
   * otherwise be built upon, and be gone after the next loss of power.
   */
  async #durableNames(folder: string): Promise<string[]> {
    try {
      await this.#files.syncFolder(folder)
      return await this.#files.list(folder)
    } catch (error) {
      if (isSystemError(error, 'ENOENT')) return []
      throw error
    }
  }
}
