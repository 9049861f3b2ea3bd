/**
 * How soon the door answers while the lake is busy: a gateway takes 70 % of what it can from 64
 * connections, and beside it the loader of the product lands what it takes, in bronze, silver and
 * gold, and another process compacts a lake without a pause. Gateway, load and these two are
 * processes of their own; both behind the journal give way to the door.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { spawnPart } from '../src/app/child.ts'
import { loadConfig } from '../src/app/config/load.ts'
import { openReadableLake } from '../src/app/lake-access.ts'
import { realMachine } from '../src/app/machine.ts'
import { loaderPart } from '../src/app/supervisor.ts'
import {
  type LoadMeasurement,
  type MeasuredServer,
  measureLoad,
  startCompacting,
  startServer,
} from './children.ts'
import { formatRow, median, type Row } from './row.ts'

const TURNS = 5
const REQUESTS = 20_000
const SHARE = 0.7

let runs = Math.floor(performance.timeOrigin / 1000) % 2 ** 31

export async function benchAcknowledge(): Promise<Row[]> {
  const folder = await mkdtemp(join(tmpdir(), 'inlet-bench-'))
  const place = { dir: join(folder, 'journal'), partition: 'gateway-0' }
  const server = await startServer('inlet-server.ts', { settings: { dir: place.dir } })
  try {
    const most = await measureTurns(server, null)
    const rate = Math.floor(SHARE * median(most.slice(1).map((turn) => turn.eventsPerSecond)))
    const alone = await measureTurns(server, rate)
    const loader = await startLoader(folder)
    const compacting = await startCompacting(join(folder, 'compacted'))
    const beside = await measureTurns(server, rate)
    const compacted = await compacting.stop()
    loader.terminate()
    await loader.exited
    const landed = await landedIn(folder)
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

/** As `inlet run` starts it. */
async function startLoader(folder: string) {
  const config = join(folder, 'inlet.yaml')
  await writeFile(
    config,
    `listen: { host: 127.0.0.1, port: 0 }
sources: [{ name: genesys, path: /events, auth: none }]
journal: { dir: ./journal, ephemeral: true }
lake: { url: ./lake }
ops: { port: 0 }
`,
  )
  const inlet = fileURLToPath(new URL('../bin/inlet.js', import.meta.url))
  const { execPath: executable, env: environment } = process
  const args = ['--config', config]
  const loader = spawnPart({ executable, environment, script: [inlet], args }, loaderPart)
  await loader.ready
  return loader
}

async function landedIn(folder: string): Promise<number> {
  const loaded = await loadConfig(realMachine.files, join(folder, 'inlet.yaml'))
  if (!loaded.ok) throw new Error('the configuration of the loader is wrong')
  const opened = await openReadableLake(realMachine, loaded.file.config)
  const [landed = 0] = opened.table?.snapshot().txns.values() ?? []
  opened.close()
  return landed
}

function row(what: string, value: number, unit: string): Row {
  return { what, value, unit, owed: null }
}

if (import.meta.main) {
  const rows = await benchAcknowledge()
  for (const each of rows) console.log(formatRow(each))
  console.log(JSON.stringify(rows))
}
