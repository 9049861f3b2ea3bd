/**
 * The whole road in half a minute, with nothing configured: Inlet runs over HTTPS in a folder of
 * its own, takes real payloads and simulated conversations with duplicates and faults, is killed in
 * the middle, fetches what was lost on purpose from a simulated Genesys Cloud, and is then asked
 * for proof.
 */
import { join } from 'node:path'
import type { Observer } from '../../observe/events.ts'
import { Ledger } from '../../simulator/ledger/ledger.ts'
import { send } from '../../simulator/sending/sender.ts'
import type { SendReport } from '../../simulator/sending/tally.ts'
import type { Delivery } from '../../simulator/traffic/packing.ts'
import { type ChildCommand, spawnPart } from '../child.ts'
import type { Machine } from '../machine.ts'
import type { SecretSource } from '../secrets/read-secret.ts'
import {
  type Child,
  gatewayParts,
  loaderPart,
  type Part,
  type Role,
  supervise,
} from '../supervisor.ts'
import { caughtUp } from './catch-up.ts'
import { type Centre, openCentre } from './centre.ts'
import { type Findings, findIn } from './findings.ts'
import { realPayloads } from './payloads.ts'
import type { Reconciled } from './proven.ts'
import { openReconciler, reconcileTwice } from './reconciling.ts'
import { type Stage, setStage } from './stage.ts'

export interface DemoOptions {
  readonly folder: string
  /** The folder of the shipped payloads. */
  readonly samples: string
  readonly events: number
  readonly seed: number
  readonly self: Omit<ChildCommand, 'args'>
  readonly stop: AbortSignal
  readonly hurry: AbortSignal
  readonly tell: (line: string) => void
  readonly onProgress: (acknowledged: number) => void
}

export interface DemoReport {
  /** Bodies whose sending was begun. */
  readonly sent: number
  readonly acknowledged: number
  readonly outcomes: Readonly<Record<string, number>>
  readonly requests: number
  readonly retries: number
  readonly findings: Findings
  readonly reconciled: Reconciled
  readonly ackMs: { readonly p50: number; readonly p99: number }
}

const CONCURRENCY = 24
const GRACE_MS = 60_000
const HOUR_MS = 3_600_000

export interface DemoDeps extends Machine {
  readonly observer: Observer
  readonly secretSource: SecretSource
}

export async function runDemo(deps: DemoDeps, options: DemoOptions): Promise<DemoReport> {
  const centre = await openCentre(deps, options)
  try {
    return await playIn(deps, options, centre)
  } finally {
    await centre.cloud.stop()
  }
}

async function playIn(deps: DemoDeps, options: DemoOptions, centre: Centre): Promise<DemoReport> {
  const { folder, stop: signal, tell } = options
  const stage = await setStage(deps, { folder, cloud: centre.cloud })
  const { configPath, journal } = stage
  const reconciler = await openReconciler(deps, { configPath, centre, signal })
  const inlet = startInlet(deps, options, stage)
  try {
    await Promise.race([inlet.ready, inlet.failed])
    tell(`Inlet is up at ${stage.url}, with keys and a certificate made for this run`)
    await reconciler.compare({ from: centre.startAt - HOUR_MS, to: centre.startAt })
    const play = { stage, ledger: new Ledger(), centre, inlet }
    const played = await playReal(deps, options, play)
    const simulated = await playSimulated(deps, options, play)
    signal.throwIfAborted()
    tell('everything is sent: bronze, silver and gold take in what is left')
    const lake = join(folder, 'data/lake')
    const catchUp = async () => {
      const catching = caughtUp(deps, { lake, journal, signal, tell })
      catching.catch(() => undefined)
      if (!(await Promise.race([catching, inlet.failed])))
        tell('nothing has moved for a minute: what follows is of what is there')
    }
    await catchUp()
    const reconciled = await reconcileTwice(deps, reconciler, { centre, catchUp, tell })
    await inlet.stop()
    const findings = await findIn(deps, lake, play.ledger)
    return { ...summary(played, simulated), findings, reconciled }
  } finally {
    await inlet.stop()
  }
}

interface RunningInlet {
  readonly ready: Promise<void>
  /** Rejects when it ended by itself. */
  readonly failed: Promise<never>
  /** SIGKILL; the supervisor starts another. */
  killGateway(): void
  stop(): Promise<void>
}

function startInlet(deps: DemoDeps, options: DemoOptions, stage: Stage): RunningInlet {
  const children: Partial<Record<Role, Child>> = {}
  const stopping = new AbortController()
  const ready = Promise.withResolvers<void>()
  const command = { ...options.self, args: ['--config', stage.configPath, '--json'] }
  const spawn = (part: Part) => {
    const child = spawnPart(command, part)
    children[part.role] = child
    return child
  }
  const ended = supervise(
    { ...deps, spawn },
    {
      stages: [gatewayParts(1), [loaderPart]],
      stop: AbortSignal.any([stopping.signal, options.stop]),
      hurry: options.hurry,
      graceMs: GRACE_MS,
      onReady: ready.resolve,
    },
  )
  const failed = ended.then((code) => {
    throw new Error(`Inlet ended with exit code ${code}; its output is in ${options.folder}`)
  })
  failed.catch(() => undefined)
  return {
    ready: ready.promise,
    failed,
    killGateway: () => children.gateway?.kill(),
    async stop() {
      stopping.abort()
      const code = await ended
      if (code !== 0) throw new Error(`Inlet did not stop cleanly: exit code ${code}`)
    },
  }
}

interface Play {
  readonly stage: Stage
  readonly ledger: Ledger
  readonly centre: Centre
  readonly inlet: RunningInlet
}

async function playReal(deps: Machine, options: DemoOptions, play: Play): Promise<SendReport> {
  const deliveries = await realPayloads(deps.files, options.samples)
  const report = await send(
    { ...deps, ledger: play.ledger },
    sendOptions(options, play, deliveries),
  )
  options.tell(`${report.acknowledged} real payloads played, as they stand`)
  return report
}

async function playSimulated(deps: Machine, options: DemoOptions, play: Play): Promise<SendReport> {
  const { centre, inlet } = play
  const deliveries = withKill(centre.deliveries, Math.floor(options.events / 2), () => {
    options.tell('kill -9 for the gateway, in the middle of it all')
    inlet.killGateway()
  })
  return await send({ ...deps, ledger: play.ledger }, sendOptions(options, play, deliveries))
}

function sendOptions(options: DemoOptions, play: Play, deliveries: Iterable<Delivery>) {
  return {
    deliveries,
    routeOf: play.stage.routeOf,
    concurrency: CONCURRENCY,
    pace: { kind: 'flat-out' as const },
    signal: options.stop,
    onProgress: (report: SendReport) => options.onProgress(report.acknowledged),
  }
}

function* withKill(
  deliveries: Iterable<Delivery>,
  after: number,
  kill: () => void,
): Generator<Delivery> {
  let bodies = 0
  let isKilled = false
  for (const delivery of deliveries) {
    yield delivery
    bodies += delivery.events.length
    if (isKilled || bodies < after) continue
    isKilled = true
    kill()
  }
}

function summary(real: SendReport, simulated: SendReport) {
  const reports = [real, simulated]
  const sum = (pick: (report: SendReport) => number) =>
    reports.reduce((total, report) => total + pick(report), 0)
  const outcomes: Record<string, number> = {}
  for (const report of reports) {
    for (const [outcome, n] of Object.entries(report.outcomes)) {
      outcomes[outcome] = (outcomes[outcome] ?? 0) + n
    }
  }
  const deliveries = sum((report) => report.deliveries)
  return {
    sent: sum((report) => report.acknowledged + lostBodies(report)),
    acknowledged: sum((report) => report.acknowledged),
    outcomes,
    requests: deliveries,
    retries: sum((report) => report.attempts) - deliveries,
    ackMs: { p50: simulated.latency.p50, p99: simulated.latency.p99 },
  }
}

function lostBodies(report: SendReport): number {
  return report.deadLetters.reduce((total, letter) => total + letter.keys.length, 0)
}
