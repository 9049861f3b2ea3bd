/** Reconciliation of the demo, by hand: finds what was lost, fetches it, and looks once more. */
import { isDeepStrictEqual } from 'node:util'
import type { Interval } from '../../genesys/details-query.ts'
import type { OrgReport } from '../../reconcile/report.ts'
import { configError, loadConfig } from '../config/load.ts'
import { openGenesysClients } from '../genesys-access.ts'
import type { Machine } from '../machine.ts'
import { reconciledOrgs } from '../reconcile/orgs.ts'
import { reconcileOrgs } from '../reconcile/reconcile.ts'
import type { SecretSource } from '../secrets/read-secret.ts'
import type { Centre } from './centre.ts'
import type { Reconciled } from './proven.ts'
import { type Standing, standingOf } from './standing.ts'

export interface Reconciler {
  compare(interval: Interval): Promise<OrgReport>
  standing(): Promise<Standing>
}

export interface ReconcilerOptions {
  readonly configPath: string
  readonly centre: Centre
  readonly signal: AbortSignal
}

const PER_SECOND = 1000

export async function openReconciler(
  deps: Machine & { readonly secretSource: SecretSource },
  { configPath, centre, signal }: ReconcilerOptions,
): Promise<Reconciler> {
  const loaded = await loadConfig(deps.files, configPath)
  if (!loaded.ok) throw configError(configPath, loaded.problems)
  const { config } = loaded.file
  const observer = () => undefined
  const clients = openGenesysClients({ ...deps, observer }, config, { user: 'command' })
  return {
    async compare(interval) {
      const [report] = await reconcileOrgs(deps, config, {
        orgs: reconciledOrgs(config),
        clients,
        intervalOf: () => interval,
        withGaps: false,
        secretSource: deps.secretSource,
        perSecond: PER_SECOND,
        signal,
        onProgress: () => undefined,
        report: () => undefined,
      })
      if (report === undefined) throw new Error('the demo has no organisation to ask')
      return report
    },
    standing: () => standingOf(deps, config, centre),
  }
}

export interface ReconcileTwice {
  readonly centre: Centre
  /** Until gold has all that was fetched. */
  readonly catchUp: () => Promise<void>
  readonly tell: (line: string) => void
}

export async function reconcileTwice(
  { clock }: Machine,
  reconciler: Reconciler,
  { centre, catchUp, tell }: ReconcileTwice,
): Promise<Reconciled> {
  const { lost, startAt } = centre
  const before = await reconciler.standing()
  tell(`reconciliation asks for the conversations behind the watermark, ${before.watermark}`)
  const report = await reconciler.compare({ from: startAt, to: clock.now() })
  tell(`it found ${report.lacking.length} lacking, and takes their records in; once more`)
  const again = await reconciler.compare({ from: startAt, to: clock.now() })
  await catchUp()
  const named = new Set(report.lacking.map((one) => one.conversationId))
  return {
    lost: { events: lost.events, conversations: lost.conversations.size },
    report,
    isExact: isDeepStrictEqual(named, lost.conversations),
    again,
    before,
    after: await reconciler.standing(),
  }
}
