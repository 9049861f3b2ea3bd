/**
 * How long a loader takes to remember: filling the identity window from a bronze of many events,
 * and from the copy of it that such a start leaves behind.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '../src/core/clock.ts'
import { sqliteLocks } from '../src/core/lock.ts'
import { nodeFiles } from '../src/core/node-files.ts'
import { systemRandom } from '../src/core/random.ts'
import { WindowCopy } from '../src/dedup/window-copy.ts'
import type { WrittenFile } from '../src/lake/delta/delta-table.ts'
import { openLake } from '../src/lake/lake.ts'
import { openSqlEngine, type SqlEngine } from '../src/lake/sql/duckdb.ts'
import { openFolderStore, scratchFolder } from '../src/lake/store/folder-store.ts'
import { landedArrivals } from '../src/loader/bronze.ts'
import { sourcePolicies } from '../src/loader/places.ts'
import { WindowKeeper } from '../src/loader/window-keeper.ts'
import { arrivals } from '../src/tables/arrivals.ts'

const MIB = 2 ** 20
const DAY_MS = 86_400_000
const FILES = 10
const options = { windowMs: 5 * DAY_MS, windowMaxBytes: 1024 * MIB, sources: [] }

export interface RestartFigures {
  readonly keys: number
  /** Without a copy, which is written beside. */
  readonly cold: Spent
  readonly warm: Spent
  readonly windowMiB: number
}

interface Spent {
  readonly wallSeconds: number
  readonly cpuSeconds: number
}

export async function benchRestart(keys: number): Promise<RestartFigures> {
  const folder = await mkdtemp(join(tmpdir(), 'inlet-bench-'))
  const root = join(folder, 'lake')
  const deps = { files: nodeFiles, clock: systemClock, random: systemRandom }
  const store = await openFolderStore(deps, { root })
  const scratch = scratchFolder(root)
  const engine = await openSqlEngine({ memoryLimit: 512 * MIB, threads: 2, folder: scratch })
  try {
    const lake = await openLake({ ...deps, store, engine }, { scratch })
    const table = await lake.table(arrivals)
    for (let file = 0; file < FILES; file++) {
      const rows = keys / FILES
      const localPath = join(scratch, `${systemRandom.uuid()}.parquet`)
      const written = await writeEvents(engine, localPath, { first: file * rows, rows, daysAgo: 0 })
      await table.commit({ operation: 'WRITE', adds: await table.publish([written]) })
    }
    const start = async () => {
      const copyDeps = { files: nodeFiles, locks: sqliteLocks, random: systemRandom }
      const copy = new WindowCopy(copyDeps, { folder: join(folder, 'window'), minFree: 0 })
      const keeperDeps = { landed: landedArrivals({ engine, store }), copy, clock: systemClock }
      const keeper = new WindowKeeper({ ...keeperDeps, observer: () => undefined }, options)
      const [cpu, wall] = [process.cpuUsage(), performance.now()]
      const window = await keeper.open(table, sourcePolicies([]))
      const used = process.cpuUsage(cpu)
      const wallSeconds = (performance.now() - wall) / 1000
      await keeper.close()
      if (window.size !== keys) throw new Error(`${window.size} of ${keys} keys were found again`)
      const windowMiB = Math.round(window.bytes / MIB)
      return { spent: { wallSeconds, cpuSeconds: (used.user + used.system) / 1e6 }, windowMiB }
    }
    const { spent: cold, windowMiB } = await start()
    const { spent: warm } = await start()
    return { keys, cold, warm, windowMiB }
  } finally {
    engine.close()
    await rm(folder, { recursive: true, force: true })
  }
}

/** Rows with the columns that the window needs, and a body of a usual size beside them. */
export async function writeEvents(
  engine: SqlEngine,
  localPath: string,
  { first, rows, daysAgo }: { first: number; rows: number; daysAgo: number },
): Promise<WrittenFile> {
  const received_at = `(now() - INTERVAL ${daysAgo} DAY)`
  const columns = arrivals.columns
    .filter(({ name }) => !arrivals.partitionedBy.includes(name))
    .map(({ name, type }) => `${{ ...values, received_at }[name] ?? 'NULL'}::${type} AS ${name}`)
  await engine.run(`COPY (SELECT ${columns.join(', ')}
    FROM range(${first}, ${first + rows}) AS rows(n)) TO '${localPath}' (FORMAT parquet)`)
  const size = (await nodeFiles.stat(localPath))?.size ?? 0
  const date = new Date(systemClock.now() - daysAgo * DAY_MS).toISOString().slice(0, 10)
  return { localPath, partitionValues: { outcome: 'event', date }, rows, size, stats: null }
}

const values: Readonly<Record<string, string>> = {
  event_id: 'md5(n::VARCHAR)',
  source: "'genesys-prod'",
  body: "repeat('x', 64) || n",
  body_sha256: "sha256(repeat('x', 64) || n::VARCHAR)",
  journal_id: "'00000000-0000-4000-8000-000000000000'",
  journal_partition: "'gateway-0'",
  position: 'n',
}

if (import.meta.main) {
  const keys = Number(process.argv[2] ?? 10_000_000)
  console.log(JSON.stringify(await benchRestart(keys)))
}
