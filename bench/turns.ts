/** Servers that take turns under one load: what else a machine does falls on all of them. */
import { type LoadMeasurement, type MeasuredServer, measureLoad } from './children.ts'
import { median } from './row.ts'

export interface TurnPlan {
  readonly requests: number
  /** Events of a request. */
  readonly batch: number
}

export interface Outcome {
  /** CPU of the server, microseconds an event. */
  readonly cpu: number
  readonly perSecond: number
  /** CPU to that of the first server, turn by turn. */
  readonly ratio: number
}

const TURNS = 7
/** Before they are measured, all have compiled what they run. */
const WARM_UPS = 3

let runs = Math.floor(performance.timeOrigin / 1000) % 2 ** 31

/** The medians of each server, in their order. */
export async function takeTurns(
  servers: readonly MeasuredServer[],
  plan: TurnPlan,
): Promise<Outcome[]> {
  const turns: LoadMeasurement[][] = []
  for (let turn = 0; turn < WARM_UPS + TURNS; turn++) {
    const measured: LoadMeasurement[] = []
    for (const server of servers) {
      const load = { ...plan, shape: 'guide-a', rate: null, run: runs++ } as const
      measured.push(await measureLoad(server, load))
    }
    if (turn >= WARM_UPS) turns.push(measured)
  }
  const cpuOf = (turn: readonly LoadMeasurement[], index: number) =>
    turn[index]?.cpuMicrosPerEvent ?? Number.NaN
  return servers.map((_, index) => ({
    cpu: median(turns.map((turn) => cpuOf(turn, index))),
    perSecond: median(turns.map((turn) => turn[index]?.eventsPerSecond ?? Number.NaN)),
    ratio: median(turns.map((turn) => cpuOf(turn, index) / cpuOf(turn, 0))),
  }))
}
