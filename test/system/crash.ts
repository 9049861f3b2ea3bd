/**
 * Kills gateways and loader with SIGKILL at random moments under load from a retrying sender, then
 * compares what was sent, acknowledged and landed.
 *
 *   npm run test:crash -- [--kills 50] [--seed 1] [--rate 1500] [--workers 1] [--mtls] [--keep]
 *
 * Exits 1 when an acknowledged id is missing, one is there twice, in silver as well, or the audit
 * is not clean.
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
import { type Cast, openCast } from './crash/cast.ts'
import {
  between,
  compareLake,
  environment,
  makeIdentities,
  sendTraffic,
  writeConfig,
} from './crash/scene.ts'
import { silverFaults } from './crash/silver-faults.ts'
import { runInlet } from './inlet-process.ts'

interface Plan {
  readonly kills: number
  readonly seed: number
  readonly perSecond: number
  readonly workers: number
  readonly mtls: boolean
  readonly keep: boolean
}

function readPlan(): Plan {
  const { values } = parseArgs({
    options: {
      kills: { type: 'string', default: '50' },
      seed: { type: 'string', default: String(1 + (systemClock.now() % 1_000_000)) },
      rate: { type: 'string', default: '1500' },
      workers: { type: 'string', default: '1' },
      mtls: { type: 'boolean', default: false },
      keep: { type: 'boolean', default: false },
    },
  })
  return {
    kills: Number(values.kills),
    seed: Number(values.seed),
    perSecond: Number(values.rate),
    workers: Number(values.workers),
    mtls: values.mtls,
    keep: values.keep,
  }
}

/** Kills a random one of them and starts it again, as often as planned; all run at the end. */
async function killAtRandom(plan: Plan, cast: Cast): Promise<void> {
  const random = seededRandom(plan.seed)
  const killed = new Map(cast.parts.map(({ name }) => [name, 0]))
  for (let kill = 1; kill <= plan.kills; kill++) {
    const part = cast.parts[random.below(cast.parts.length)]
    if (part === undefined) throw new Error('there is nobody to kill')
    // Mostly at work, and now and then while it starts.
    if (random.below(5) > 0) await cast.untilReady(part)
    await systemClock.sleep(between(random, 0, 500))
    await cast.kill(part)
    killed.set(part.name, (killed.get(part.name) ?? 0) + 1)
    if (kill % 25 === 0) console.log(`${kill} kills: ${JSON.stringify(Object.fromEntries(killed))}`)
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
  const landed = audit.events + audit.duplicates + audit.deadLetters
  if (audit.acknowledged !== landed)
    faults.push(`the books tell of ${audit.acknowledged} acknowledged events, ${landed} landed`)
  if (report.acknowledged === 0) faults.push('nothing was acknowledged: nothing was tested')
  return faults
}

async function main(): Promise<number> {
  const plan = readPlan()
  console.log(`crash test: ${JSON.stringify(plan)}`)
  const folder = await temporaryFolder()
  const identities = plan.mtls ? makeIdentities() : null
  const { seed, perSecond, workers } = plan
  const scene = { folder: folder.path, port: await freePort(), workers, identities }
  const config = writeConfig(scene)
  const cast = await openCast(scene, config)
  const ledger = new Ledger()
  const enough = new AbortController()
  const sending = sendTraffic({ ...scene, seed, perSecond }, ledger, enough.signal)
  await killAtRandom(plan, cast).finally(() => enough.abort())
  const report = await sending
  await cast.stop()
  const { stdout } = await runInlet(['audit', '--config', config, '--json'], {
    env: environment,
    expected: [0, 1],
  })
  const audit = JSON.parse(stdout) as AuditReport
  const faults = [
    ...faultsOf(report, await compareLake(folder.path, ledger), audit),
    ...(await silverFaults(folder.path)),
  ]
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
