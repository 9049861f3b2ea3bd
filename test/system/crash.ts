/**
 * Kills gateway and loader with SIGKILL at random moments under load from a retrying sender, then
 * compares what was sent, acknowledged and landed.
 *
 *   npm run test:crash -- [--kills 50] [--seed 1] [--rate 1500] [--keep]
 *
 * Exits 1 when an acknowledged id is missing, one is there twice, or the audit is not clean.
 */
import { rm } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { systemClock } from '../../src/core/clock.ts'
import { freePort } from '../../src/core/free-port.ts'
import { seededRandom } from '../../src/core/random.ts'
import type { AuditReport } from '../../src/loader/audit.ts'
import type { Comparison } from '../../src/simulator/ledger/compare.ts'
import { Ledger } from '../../src/simulator/ledger/ledger.ts'
import type { SendReport } from '../../src/simulator/sending/tally.ts'
import { temporaryFolder } from '../support/temporary.ts'
import { between, compareLake, environment, sendTraffic, writeConfig } from './crash/scene.ts'
import { type InletProcess, runInlet, startInlet } from './inlet-process.ts'

const roles = ['gateway', 'loader'] as const
type Role = (typeof roles)[number]

interface Plan {
  readonly kills: number
  readonly seed: number
  readonly perSecond: number
  readonly keep: boolean
}

function readPlan(): Plan {
  const { values } = parseArgs({
    options: {
      kills: { type: 'string', default: '50' },
      seed: { type: 'string', default: String(1 + (systemClock.now() % 1_000_000)) },
      rate: { type: 'string', default: '1500' },
      keep: { type: 'boolean', default: false },
    },
  })
  return {
    kills: Number(values.kills),
    seed: Number(values.seed),
    perSecond: Number(values.rate),
    keep: values.keep,
  }
}

/** Kills a random one of the two and starts it again, as often as planned; both run at the end. */
async function killAtRandom(
  plan: Plan,
  start: (role: Role) => InletProcess,
): Promise<Record<Role, InletProcess>> {
  const random = seededRandom(plan.seed)
  const running: Record<Role, InletProcess> = { gateway: start('gateway'), loader: start('loader') }
  const killed: Record<Role, number> = { gateway: 0, loader: 0 }
  for (let kill = 1; kill <= plan.kills; kill++) {
    const role = random.below(2) === 0 ? 'gateway' : 'loader'
    // Mostly at work, and now and then while it starts.
    if (random.below(5) > 0) await untilStarted(running[role])
    await systemClock.sleep(between(random, 0, 500))
    running[role].signal('SIGKILL')
    const how = await running[role].ended
    if (how !== 'SIGKILL') {
      throw new Error(`the ${role} ended by itself (${how})\n${running[role].stderr()}`)
    }
    killed[role]++
    running[role] = start(role)
    if (kill % 25 === 0) console.log(`${kill} kills: ${JSON.stringify(killed)}`)
  }
  return running
}

async function untilStarted(inlet: InletProcess): Promise<void> {
  const deadline = systemClock.elapsed() + 60_000
  while (!inlet.stderr().includes('"event":"process_started"')) {
    if (systemClock.elapsed() > deadline) throw new Error(`it never started\n${inlet.stderr()}`)
    await systemClock.sleep(20)
  }
}

async function stopInOrder(running: Record<Role, InletProcess>): Promise<void> {
  for (const role of roles) {
    await untilStarted(running[role])
    running[role].signal('SIGTERM')
    const how = await running[role].ended
    if (how !== 0) throw new Error(`the ${role} did not drain (${how})\n${running[role].stderr()}`)
  }
}

function faultsOf(report: SendReport, comparison: Comparison, audit: AuditReport): string[] {
  const faults: string[] = []
  const tell = (what: string, keys: readonly string[]) => {
    if (keys.length > 0) faults.push(`${keys.length} ${what}: ${keys.slice(0, 5).join(', ')}`)
  }
  tell('acknowledged but missing', comparison.missing)
  tell('in the lake twice', comparison.repeated)
  tell('in the lake but never sent', comparison.unexpected)
  tell('in the lake with another body', comparison.bodyMismatches)
  if (!audit.clean) faults.push(`the audit is not clean: ${JSON.stringify(audit)}`)
  if (report.acknowledged === 0) faults.push('nothing was acknowledged: nothing was tested')
  return faults
}

async function main(): Promise<number> {
  const plan = readPlan()
  console.log(`crash test: ${plan.kills} kills, seed ${plan.seed}, ${plan.perSecond} events/s`)
  const folder = await temporaryFolder()
  const port = await freePort()
  const config = writeConfig(folder.path, port)
  const options = { env: environment }
  const start = (role: Role) => startInlet([role, '--config', config], options)
  const ledger = new Ledger()
  const enough = new AbortController()
  const sending = sendTraffic(
    { port, seed: plan.seed, perSecond: plan.perSecond },
    ledger,
    enough.signal,
  )
  const running = await killAtRandom(plan, start).finally(() => enough.abort())
  const report = await sending
  await stopInOrder(running)
  const { stdout } = await runInlet(['audit', '--config', config, '--json'], {
    ...options,
    expected: [0, 1],
  })
  const audit = JSON.parse(stdout) as AuditReport
  const faults = faultsOf(report, await compareLake(folder.path, ledger), audit)
  const kept = plan.keep || faults.length > 0
  if (!kept) await rm(folder.path, { recursive: true, force: true })
  console.log(
    JSON.stringify({ plan, sent: report, audit: { ...audit, missing: audit.missing.length } }),
  )
  for (const fault of faults) console.error(fault)
  if (kept) console.log(`kept: ${folder.path}`)
  console.log(`crash: ${faults.length === 0 ? '1 passed, 0 failed' : '0 passed, 1 failed'}`)
  return faults.length === 0 ? 0 : 1
}

process.exitCode = await main()
