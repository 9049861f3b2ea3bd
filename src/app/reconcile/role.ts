/**
 * The process that reconciles by schedule: every `reconcile.every` the trailing days are compared
 * with Genesys Cloud, and what they lack is fetched.
 *
 * Guarantee: a stretch that was not compared, because nothing ran, is compared with the next: an
 * interval begins no later than the watermark, and gaps of channels are compared however old they
 * are. Killed at any moment it begins again at its start: what was submitted is found by its id. An
 * organisation that cannot be asked holds up no other.
 */
import type { Clock } from '../../core/clock.ts'
import { errorText, hasCode } from '../../core/errors.ts'
import type { Lifecycle } from '../../core/lifecycle.ts'
import type { Interval } from '../../genesys/details-query.ts'
import type { Measured, Reading } from '../../observe/metrics.ts'
import type { OrgReport } from '../../reconcile/report.ts'
import type { Config } from '../config/schema.ts'
import { type GenesysDeps, openGenesysClients } from '../genesys-access.ts'
import type { Machine } from '../machine.ts'
import { periodic } from '../periodic.ts'
import { type ReconciledOrg, reconciledOrgs } from './orgs.ts'
import { reconcileOrgs } from './reconcile.ts'

export type ReconcileConfig = NonNullable<Config['reconcile']>

/** Events of what ended later may be on their way. */
export const SETTLED_AFTER_MS = 600_000
/** Behind a start: silver is waited for in any case. */
const FIRST_AFTER_MS = 5000

export interface ReconcileRole {
  readonly components: readonly Lifecycle[]
  readonly measured: readonly Measured[]
}

export function openReconcileRole(
  deps: Machine & GenesysDeps,
  config: Config,
  { every, trailing, perSecond }: ReconcileConfig,
): ReconcileRole {
  const { clock, observer } = deps
  const clients = openGenesysClients(deps, config, { user: 'reconcile' })
  const meter = new ReconcileMeter(clock)
  const failed = (org: string, error: unknown) => {
    meter.failed(org)
    observer('reconcile_failed', { org, reason: errorText(error) })
  }
  const compare = async (org: ReconciledOrg, signal: AbortSignal) => {
    const reports = await reconcileOrgs(deps, config, {
      ...{ orgs: [org], clients, perSecond, signal, withGaps: true },
      secretSource: deps.secretSource,
      intervalOf: (_, watermark) => intervalAt(clock.now(), trailing, watermark),
      onProgress: () => undefined,
      report: (reason) => observer('reconcile_waits', { reason }),
    })
    for (const report of reports) {
      meter.compared(report)
      const { expected, present, missing, incomplete, changed, open, backFilled, from, to } = report
      const counts = { expected, present, missing, incomplete, changed, open, backFilled }
      const { keptFrom = null, days: daysNotKept = 0 } = report.notKept ?? {}
      const left = daysNotKept > 0 ? { keptFrom, daysNotKept } : {}
      observer('reconciled', { org: org.name, from, to, ...counts, ...left })
    }
  }
  const task = async (signal: AbortSignal) => {
    for (const org of reconciledOrgs(config)) {
      await compare(org, signal).catch((error: unknown) => {
        if (signal.aborted) throw error
        // The command is at work: it does what would be done here.
        if (!hasCode(error, 'INL_APP_PARTITION_BUSY')) failed(org.name, error)
      })
    }
  }
  const firstAfterMs = Math.min(FIRST_AFTER_MS, every)
  const onError = (error: unknown) => failed('-', error)
  const loop = periodic(clock, { name: 'reconcile', firstAfterMs, everyMs: every, task, onError })
  return { components: [loop], measured: [meter, ...clients.values()] }
}

/** The trailing stretch, and what nobody has compared before it. */
export function intervalAt(now: number, trailing: number, watermark: number | null): Interval {
  const to = now - SETTLED_AFTER_MS
  return { from: Math.min(to - trailing, watermark ?? to), to }
}

const lacks = ['missing', 'incomplete', 'changed'] as const

/** What was found since the process began, by organisation. */
class ReconcileMeter implements Measured {
  readonly #clock: Clock
  readonly #compared = new Map<string, { at: number; to: number }>()
  readonly #found = new Map<string, Record<(typeof lacks)[number], number>>()
  readonly #failures = new Map<string, number>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  compared({ org, to, ...report }: OrgReport): void {
    const before = this.#compared.get(org)?.to ?? Number.NEGATIVE_INFINITY
    this.#compared.set(org, { at: this.#clock.now(), to: Math.max(before, Date.parse(to)) })
    const found = this.#found.get(org) ?? { missing: 0, incomplete: 0, changed: 0 }
    for (const lack of lacks) found[lack] += report[lack]
    this.#found.set(org, found)
  }

  failed(org: string): void {
    this.#failures.set(org, (this.#failures.get(org) ?? 0) + 1)
  }

  measure(reading: Reading): void {
    for (const [org, { at, to }] of this.#compared) {
      reading.number('inlet_reconcile_timestamp_seconds', at / 1000, { org })
      reading.number('inlet_reconcile_complete_timestamp_seconds', to / 1000, { org })
    }
    for (const [org, found] of this.#found)
      for (const reason of lacks)
        reading.number('inlet_reconcile_lacking_total', found[reason], { org, reason })
    for (const [org, count] of this.#failures)
      reading.number('inlet_reconcile_failures_total', count, { org })
  }
}
