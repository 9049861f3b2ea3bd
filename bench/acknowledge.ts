/**
 * How soon the door answers while the lake is busy: a gateway takes 70 % of what it can from 64
 * connections, and beside it a loader lands what it takes and compacts without a pause. The loader
 * is this process; the gateway and the load are others.
 */
import { link, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemRandom } from '../src/core/random.ts'
import { arrivals } from '../src/tables/arrivals.ts'
import { openBench } from './bronze.ts'
import { type LoadMeasurement, type MeasuredServer, measureLoad, startServer } from './children.ts'
import { writeEvents } from './restart.ts'
import { formatRow, median, type Row } from './row.ts'

const TURNS = 5
const REQUESTS = 20_000
const SHARE = 0.7
/** What a compaction makes one file of. */
const SMALL_FILES = 64
const ROWS_OF_SMALL = 20_000

let runs = Math.floor(performance.timeOrigin / 1000) % 2 ** 31

export async function benchAcknowledge(): Promise<Row[]> {
  const folder = await mkdtemp(join(tmpdir(), 'inlet-bench-'))
  const place = { dir: join(folder, 'journal'), partition: 'gateway-0' }
  const server = await startServer('inlet-server.ts', { settings: { dir: place.dir } })
  try {
    const most = await measureTurns(server, null)
    const rate = Math.floor(SHARE * median(most.slice(1).map((turn) => turn.eventsPerSecond)))
    const alone = await measureTurns(server, rate)
    let landed = 0
    const { loader, close } = await openBench(folder, place, (name, details) => {
      if (name === 'loader_committed') landed += Number(details?.['rows'])
    })
    await loader.start(new AbortController().signal)
    const compacting = compactAlways(join(folder, 'compacted'))
    const beside = await measureTurns(server, rate)
    const compacted = await compacting.stop()
    await loader.stop()
    close()
    const what = `at ${rate} events/s, answered within`
    return [
      row(`${what}, p99`, p99(alone), 'ms'),
      { ...row(`${what}, p99, while the lake compacts`, p99(beside), 'ms'), owed: { atMost: 50 } },
      row('landed meanwhile', landed, 'events'),
      row('compacted meanwhile', compacted, 'files'),
    ]
  } finally {
    await server.stop()
    await rm(folder, { recursive: true, force: true })
  }
}

async function measureTurns(
  server: MeasuredServer,
  rate: number | null,
): Promise<LoadMeasurement[]> {
  const turns: LoadMeasurement[] = []
  for (let turn = 0; turn < TURNS; turn++) {
    const plan = { shape: 'guide-a', requests: REQUESTS, batch: 1, run: runs++, rate } as const
    turns.push(await measureLoad(server, plan))
  }
  return turns
}

function p99(turns: readonly LoadMeasurement[]): number {
  return median(turns.map(({ p99Ms }) => p99Ms))
}

/** In a lake of its own, one compaction after the other; tells how many files went into them. */
function compactAlways(folder: string): { stop(): Promise<number> } {
  const stopping = new AbortController()
  const { signal } = stopping
  const compacting = async () => {
    const place = { dir: join(folder, 'journal'), partition: 'gateway-0' }
    const { lake, engine, scratch, close } = await openBench(folder, place)
    const table = await lake.table(arrivals)
    const rows = { first: 0, rows: ROWS_OF_SMALL, daysAgo: 0 }
    const small = await writeEvents(engine, join(folder, 'small.parquet'), rows)
    let files = 0
    while (!signal.aborted) {
      const added = Array.from({ length: SMALL_FILES }, () => {
        return { ...small, localPath: join(scratch, `${systemRandom.uuid()}.parquet`) }
      })
      for (const { localPath } of added) await link(small.localPath, localPath)
      await table.commit({ operation: 'WRITE', adds: await table.publish(added) })
      files += (await lake.upkeep.compact(table, { signal })).compactedFiles
    }
    close()
    return files
  }
  const done = compacting()
  return {
    stop() {
      stopping.abort()
      return done
    },
  }
}

function row(what: string, value: number, unit: string): Row {
  return { what, value, unit, owed: null }
}

if (import.meta.main) {
  const rows = await benchAcknowledge()
  for (const each of rows) console.log(formatRow(each))
  console.log(JSON.stringify(rows))
}
