/** The process that moves the journal into the lake. */
import { join } from 'node:path'
import { errorText } from '../core/errors.ts'
import type { Lifecycle } from '../core/lifecycle.ts'
import { WindowCopy } from '../dedup/window-copy.ts'
import { listPartitions } from '../journal/segment/layout.ts'
import { acceptRollback, isSetAside, type RollbackReport } from '../loader/accept-rollback.ts'
import { bodyMask } from '../loader/body-mask.ts'
import { landedArrivals } from '../loader/bronze.ts'
import { openErasure } from '../loader/erase/tombstones.ts'
import { openGold } from '../loader/gold/gold.ts'
import { type Loader, openLoader } from '../loader/loader.ts'
import type { Layer } from '../loader/progress/layer-loop.ts'
import { type DriftOptions, DriftWatch } from '../loader/silver/drift-watch.ts'
import { openSilver } from '../loader/silver/silver.ts'
import type { Observer } from '../observe/events.ts'
import type { Measured } from '../observe/metrics.ts'
import { goldOptions } from './config/gold.ts'
import type { Config } from './config/schema.ts'
import { openGenesysClients } from './genesys-access.ts'
import { openMorePartitions, segmentOptions } from './journal-access.ts'
import { openLakeAt } from './lake-access.ts'
import { openLakeWatch } from './lake-watch.ts'
import type { Machine } from './machine.ts'
import { openNames } from './names.ts'
import { periodic } from './periodic.ts'
import { requirePrivacy } from './privacy-policy.ts'
import { FollowApprovals } from './schemas/follow-approvals.ts'
import { openLiveSchemas } from './schemas/live.ts'
import type { SecretSource } from './secrets/read-secret.ts'
import { silverRows } from './silver-rows.ts'
import { sourceScopes } from './source-rules.ts'
import { openSubscriptionWatch } from './subscriptions/watch.ts'

export interface LoaderRole {
  /** In the direction events flow. */
  readonly components: readonly Lifecycle[]
  readonly loader: Loader
  readonly silver: Layer
  readonly gold: Layer
  /** Rejects when the loader cannot go on. */
  readonly failure: Promise<never>
  readonly measured: readonly Measured[]
}

export interface LoaderRoleDeps extends Machine {
  readonly observer: Observer
  readonly secretSource: SecretSource
}

export interface LoaderRoleOptions {
  /** Partitions whose missing positions an operator gave up. */
  readonly acceptGaps: readonly string[]
  /** Someone waits for it to end: see the loader's own option. */
  readonly isOnce?: boolean
  /** Of a command that does a loader's work beside the loader. */
  readonly command?: string
}

export async function openLoaderRole(
  deps: LoaderRoleDeps,
  config: Config,
  { acceptGaps, isOnce = false, command }: LoaderRoleOptions,
): Promise<LoaderRole> {
  const { policy, keys } = await requirePrivacy(config, deps.secretSource)
  if (policy.keyId === null) deps.observer('privacy_without_key')
  const opened = await openLakeAt(deps, config)
  for (const { bucket, lock } of await opened.buckets())
    if (lock?.byDefault) deps.observer('lake_locked', { bucket, lock: lock.text })
  const schemas = await openLiveSchemas({ ...deps, ...opened }, config)
  const isMasked = config.privacy.bronze === 'masked'
  const erasure = keys.length > 0 ? openErasure(opened, { policy, schemas, keys }) : null
  const failure = Promise.withResolvers<never>()
  const { dir, minFree } = config.journal
  const folder = join(opened.scratch, 'window')
  const loader = openLoader(
    {
      lake: opened.lake,
      landed: landedArrivals(opened),
      windowCopy: new WindowCopy(deps, { folder, minFree }),
      clock: deps.clock,
      observer: deps.observer,
      ...(erasure && { erasure }),
      ...(isMasked && { bodyMask: bodyMask({ policy, schemas }) }),
      openPartitions: (open) => openMorePartitions(deps, dir, open),
      onFatal: failure.reject,
    },
    {
      commitEveryMs: config.lake.commitEvery,
      commitBytes: config.lake.commitBytes,
      windowMs: config.dedup.window,
      windowMaxBytes: config.dedup.maxBytes,
      sources: sourceScopes(config),
      acceptGaps,
      isOnce,
    },
  )
  const { largeFields } = config.privacy
  const drift = new DriftWatch(deps, driftOptions(config))
  const rows = silverRows({ policy, schemas, largeFields, onSlice: drift.saw.bind(drift) })
  const silver = openSilver(
    { ...deps, ...opened, rows },
    {
      everyMs: config.lake.silverEvery,
      scratch: opened.scratch,
      ...(command && { name: command }),
    },
  )
  const gold = openGold(
    { ...deps, ...opened },
    {
      everyMs: config.lake.goldEvery,
      scratch: opened.scratch,
      gold: goldOptions(config.gold),
    },
  )
  const watch = openLakeWatch(deps, config, opened)
  const approvals = new FollowApprovals({ ...deps, ...opened, schemas }, config)
  const following = followed(deps, approvals, config.lake.silverEvery)
  const clients = openGenesysClients(deps, config, { user: 'loader' })
  const names = openNames({ ...deps, ...opened, policy, erasure, clients }, config)
  const subscriptions = openSubscriptionWatch({ ...deps, clients }, config)
  const asking = [...names.components, ...subscriptions.components]
  const beside = [...watch.components, following, ...asking]
  const components = [...beside, loader, silver, gold, engineLife(opened)]
  const asked = [...names.measured, ...subscriptions.measured, ...clients.values()]
  const measured = [loader, silver, drift, gold, ...watch.measured, ...asked]
  return { components, loader, silver, gold, failure: failure.promise, measured }
}

/**
 * Keeps a partition whose journal was rolled back, under a journal of its own. Null where there is
 * no such partition.
 */
export async function acceptRolledBack(
  machine: Machine,
  config: Config,
  accepted: { readonly partition: string; readonly gap: boolean },
): Promise<RollbackReport | null> {
  const { partition, gap: acceptGap } = accepted
  const options = { ...segmentOptions(config, partition), acceptGap }
  const partitions = await listPartitions(machine.files, options.dir)
  const isThere = partitions.includes(partition) || (await isSetAside(machine, options))
  return isThere ? acceptRollback(machine, options) : null
}

function followed(
  { clock, observer }: LoaderRoleDeps,
  approvals: FollowApprovals,
  everyMs: number,
): Lifecycle {
  return periodic(clock, {
    ...{ name: 'approvals', firstAfterMs: everyMs, everyMs },
    task: (signal) => approvals.look(signal),
    onError: (error) =>
      observer('lake_watch_failed', { watch: 'approvals', reason: errorText(error) }),
  })
}

function driftOptions({ alerts }: Config): DriftOptions {
  const { violationRate, nullRate, driftWindow: windowMs } = alerts
  return { violationRate, nullRate, windowMs }
}

function engineLife(opened: { close(): void }): Lifecycle {
  let open = true
  return {
    name: 'lake',
    async start() {},
    async drain() {},
    async stop() {
      if (open) opened.close()
      open = false
    },
  }
}
