/**
 * What taking an event costs, beside a bare HTTP server that answers the same requests in the same
 * minute on the same machine: the servers take turns, and ratios are taken turn by turn, so that
 * whatever else the machine does falls on both.
 *
 * The last line of the output is the figures, for ./bench.ts.
 */
import { type LoadMeasurement, type MeasuredServer, measureLoad, startServer } from './children.ts'
import type { Shape } from './load/requests.ts'
import { formatRow, median, type Row } from './row.ts'

const TURNS = 7
/** Requests of a turn: about a second. */
const SINGLES = 20_000
const BATCHES = 120
const BATCH_EVENTS = 500
/** Before they are measured, both have compiled what they run. */
const WARM_UPS = 3

let runs = Math.floor(performance.timeOrigin / 1000) % 2 ** 31

export async function benchIngress(): Promise<Row[]> {
  const bare = await startServer('bare-server.ts')
  const inlet = await startServer('inlet-server.ts')
  try {
    const servers = { bare, inlet }
    const guideA = await compareSingles(servers, 'guide-a')
    const eventBridge = await compareSingles(servers, 'eventbridge')
    const batches = await measureBatches(inlet, guideA.inletCpu)
    const paced = await measurePaced(inlet, guideA.inletRate)
    const { rssBytes } = await inlet.usage()
    const memory = row('memory of the gateway after all of it', rssBytes / 2 ** 20, 'MiB')
    return [
      ...guideA.rows,
      ...eventBridge.rows,
      ...batches,
      ...paced,
      { ...memory, owed: { atMost: 256 } },
    ]
  } finally {
    await Promise.all([bare.stop(), inlet.stop()])
  }
}

interface Servers {
  readonly bare: MeasuredServer
  readonly inlet: MeasuredServer
}

async function compareSingles({ bare, inlet }: Servers, shape: Shape) {
  const turn = (server: MeasuredServer) => single(server, { shape, rate: null })
  for (let n = 0; n < WARM_UPS; n++) for (const server of [bare, inlet]) await turn(server)
  const turns: { bare: LoadMeasurement; inlet: LoadMeasurement }[] = []
  for (let n = 0; n < TURNS; n++) turns.push({ bare: await turn(bare), inlet: await turn(inlet) })
  const bareCpu = median(turns.map((each) => each.bare.cpuMicrosPerEvent))
  const inletCpu = median(turns.map((each) => each.inlet.cpuMicrosPerEvent))
  const inletRate = median(turns.map((each) => each.inlet.eventsPerSecond))
  const ratios = turns.map((each) => each.inlet.cpuMicrosPerEvent / each.bare.cpuMicrosPerEvent)
  const rows: Row[] = [
    row(`${shape}, bare node:http, CPU an event`, bareCpu, 'us'),
    row(`${shape}, Inlet with HMAC and fsync, CPU an event`, inletCpu, 'us'),
    { ...row(`${shape}, Inlet to bare`, median(ratios), 'times'), owed: { atMost: 1.8 } },
    row(`${shape}, Inlet at most`, inletRate, 'events/s'),
  ]
  return { rows, inletCpu, inletRate }
}

async function measureBatches(inlet: MeasuredServer, singleCpu: number): Promise<Row[]> {
  const turns: LoadMeasurement[] = []
  for (let n = 0; n < TURNS; n++) {
    const plan = { shape: 'guide-a', requests: BATCHES, batch: BATCH_EVENTS } as const
    turns.push(await measureLoad(inlet, { ...plan, run: runs++, rate: null }))
  }
  const cpu = median(turns.slice(1).map((each) => each.cpuMicrosPerEvent))
  return [
    row(`batches of ${BATCH_EVENTS}, CPU an event`, cpu, 'us'),
    {
      ...row(`batches of ${BATCH_EVENTS}, events a CPU second to single`, singleCpu / cpu, 'times'),
      owed: { atLeast: 8 },
    },
  ]
}

async function measurePaced(inlet: MeasuredServer, most: number): Promise<Row[]> {
  const rate = Math.floor(0.7 * most)
  const turns: LoadMeasurement[] = []
  for (let n = 0; n < TURNS; n++) turns.push(await single(inlet, { shape: 'guide-a', rate }))
  const p99 = median(turns.map(({ p99Ms }) => p99Ms))
  return [
    row(`at ${rate} events/s, answered within, p50`, median(turns.map((t) => t.p50Ms)), 'ms'),
    { ...row(`at ${rate} events/s, answered within, p99`, p99, 'ms'), owed: { atMost: 50 } },
  ]
}

function single(
  server: MeasuredServer,
  plan: { shape: Shape; rate: number | null },
): Promise<LoadMeasurement> {
  return measureLoad(server, { ...plan, requests: SINGLES, batch: 1, run: runs++ })
}

function row(what: string, value: number, unit: string): Row {
  return { what, value, unit, owed: null }
}

if (import.meta.main) {
  const rows = await benchIngress()
  for (const each of rows) console.log(formatRow(each))
  console.log(JSON.stringify(rows))
}
