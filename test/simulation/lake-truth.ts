/**
 * What a simulated lake owes: everything that any of its processes was told, and a look whether it
 * is there. One for each history, outside of the disk that forgets.
 */
import type { Files } from '../../src/core/files.ts'
import type { DeltaTable, Snapshot } from '../../src/lake/delta/delta-table.ts'
import { logFolder, parseLogKey } from '../../src/lake/delta/log-names.ts'
import type { DataFile } from '../../src/lake/delta/table-state.ts'
import type { ObjectStore } from '../../src/lake/store/object-store.ts'
import { linesOf } from '../support/line-engine.ts'

/** The metric by which the commits of a history are told apart. */
export const MARK = 'mark'

export interface Place {
  readonly appId: string
  readonly position: number
}

export class LakeTruth {
  /** In words; empty while all is well. */
  readonly faults: string[] = []
  committed = 0
  #tableId: string | null = null
  #version = -1
  /** By version, of commits that resolved. */
  readonly #marks = new Map<number, string>()
  readonly #reached = new Map<string, number>()
  readonly #published = new Map<string, Buffer>()
  readonly #won = new Set<string>()

  /** A store that remembers what it was given and what it said. */
  watch(store: ObjectStore, files: Files): ObjectStore {
    return {
      description: store.description,
      publish: async (localPath, key) => {
        this.#published.set(key, await files.readAll(localPath))
        await store.publish(localPath, key)
      },
      putIfAbsent: async (key, bytes) => {
        const won = await store.putIfAbsent(key, bytes)
        if (won && this.#won.has(key)) this.faults.push(`${key} was put by two`)
        if (won) this.#won.add(key)
        return won
      },
      put: (key, bytes) => store.put(key, bytes),
      get: (key) => store.get(key),
      list: (prefix, after) => store.list(prefix, after),
      remove: (key) => store.remove(key),
      lease: () => store.lease(),
      removeOldVersions: (prefix) => store.removeOldVersions(prefix),
      localPath: (key) => store.localPath(key),
      removeUnfinished: (prefix, time) => store.removeUnfinished(prefix, time),
    }
  }

  /** A commit resolved as committed. */
  commit(version: number, mark: string) {
    this.committed++
    this.#marks.set(version, mark)
    this.#version = Math.max(this.#version, version)
  }

  /**
   * A process knows this state: it may have let go of the journal, or told people. It must never
   * go away.
   */
  see(table: DeltaTable) {
    const { version, txns } = table.snapshot()
    const id = table.state.metaData?.id ?? ''
    this.#tableId ??= id
    if (id !== this.#tableId) this.faults.push('the table was created twice')
    this.#version = Math.max(this.#version, version)
    for (const [appId, reached] of txns) {
      this.#reached.set(appId, Math.max(reached, this.#reached.get(appId) ?? 0))
    }
  }

  /** Looks at the table through `store`; null where none was found. */
  async inspect(table: DeltaTable | null, store: ObjectStore): Promise<void> {
    if (table === null) {
      if (this.#version >= 0) this.faults.push('there is no table')
      return
    }
    const snapshot = table.snapshot()
    this.#checkCommits(snapshot)
    for (const [appId, reached] of this.#reached) {
      const found = snapshot.txns.get(appId) ?? null
      if ((found ?? 0) < reached)
        this.faults.push(`${appId} stands at ${found}, it was at ${reached}`)
    }
    const places = await this.#readFiles(store, { key: table.key, files: snapshot.files })
    this.faults.push(...misplaced(places, snapshot.txns))
    await this.#checkLog(store, table.key)
    this.see(table)
  }

  #checkCommits({ version, commits }: Snapshot) {
    if (version < this.#version) {
      this.faults.push(`the table is at version ${version}, it was at ${this.#version}`)
    }
    for (const { version: at, metrics } of commits) {
      const mark = this.#marks.get(at)
      if (mark !== undefined && metrics[MARK] !== mark)
        this.faults.push(`version ${at} is commit ${metrics[MARK]}, ${mark} was told it is`)
    }
  }

  async #readFiles(
    store: ObjectStore,
    table: { key: string; files: readonly DataFile[] },
  ): Promise<Place[]> {
    const places: Place[] = []
    for (const file of table.files) {
      const key = `${table.key}/${file.key}`
      const bytes = await store.get(key)
      const published = this.#published.get(key)
      if (bytes === null || published === undefined || !bytes.equals(published)) {
        this.faults.push(`${key} holds ${bytes?.length} bytes, not the ${published?.length} put`)
        continue
      }
      places.push(...linesOf(bytes).map((line): Place => JSON.parse(line)))
    }
    return places
  }

  async #checkLog(store: ObjectStore, table: string): Promise<void> {
    for (const { key } of await store.list(logFolder(table))) {
      if (parseLogKey(key) === null && !key.endsWith('_last_checkpoint')) continue
      const lines = linesOf((await store.get(key)) ?? Buffer.alloc(0))
      try {
        if (lines.length === 0) throw new SyntaxError('it is empty')
        for (const line of lines) JSON.parse(line)
      } catch (error) {
        this.faults.push(`${key}: ${error}`)
      }
    }
  }
}

/** Every position below where its application stands, once; and no other. */
function misplaced(places: readonly Place[], txns: ReadonlyMap<string, number>): string[] {
  const faults: string[] = []
  const byApp = Map.groupBy(places, ({ appId }) => appId)
  for (const appId of new Set([...byApp.keys(), ...txns.keys()])) {
    const held = (byApp.get(appId) ?? []).map(({ position }) => position).sort((a, b) => a - b)
    const owed = Array.from({ length: txns.get(appId) ?? 0 }, (_, position) => position)
    if (held.join() !== owed.join())
      faults.push(`${appId} stands at ${owed.length}, and its files hold ${held.join(' ')}`)
  }
  return faults
}
