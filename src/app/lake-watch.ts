/**
 * What stands watch over the lake beside the loader, in its process: open dead letters, gaps of
 * channels, the scheduled audit, and what is older than it is to be kept.
 *
 * The audit has an engine of its own, with one thread and a memory limit of its own, which lives as
 * long as the audit: commits go on beside it. Bodies that it has found to be the ones that were
 * hashed are not hashed again while their file is there.
 */

import { errorText } from '../core/errors.ts'
import type { Lifecycle } from '../core/lifecycle.ts'
import { withLeases } from '../lake/store/with-leases.ts'
import { audit, nothingAudited } from '../loader/audit.ts'
import { AuditWatch } from '../loader/audit-watch.ts'
import { type OpenLetters, openLetters } from '../loader/dead-letters/find-letters.ts'
import { LetterWatch } from '../loader/dead-letters/watch.ts'
import { Retention } from '../loader/retention-rounds.ts'
import type { Observer } from '../observe/events.ts'
import type { Measured } from '../observe/metrics.ts'
import { arrivals } from '../tables/arrivals.ts'
import { GapWatch } from './channels/gap-watch.ts'
import { openGaps } from './channels/open-gaps.ts'
import { channelsPartition, readProven } from './channels/proven-file.ts'
import type { Config } from './config/schema.ts'
import { type OpenLake, openReadableLake } from './lake-access.ts'
import type { Machine } from './machine.ts'
import { periodic } from './periodic.ts'
import { sourceScopes } from './source-rules.ts'

const LETTERS_EVERY_MS = 30_000
const GAPS_EVERY_MS = 30_000
/** A loader that has just started has more urgent things to read. */
const FIRST_AUDIT_MS = 5 * 60_000
const FIRST_RETENTION_MS = 10_000
const RETENTION_EVERY_MS = 3_600_000
const MOST_FAULTS = 100
const auditEngine = { threads: 1, memoryLimit: 256 * 2 ** 20 }

export interface LakeWatchDeps extends Machine {
  readonly observer: Observer
}

export interface LakeWatch {
  readonly components: readonly Lifecycle[]
  readonly measured: readonly Measured[]
}

export function openLakeWatch(deps: LakeWatchDeps, config: Config, opened: OpenLake): LakeWatch {
  const { clock, observer } = deps
  const letters = new LetterWatch({ clock, observer, read: letterReader(opened) }, config.alerts)
  const audits = new AuditWatch({ clock, observer, audit: auditor(deps, config) })
  const every = config.audit.every
  const onError = (watch: string) => (error: unknown) =>
    observer('lake_watch_failed', { watch, reason: errorText(error) })
  const gaps = gapWatch(deps, config, opened)
  const retention = new Retention({ ...deps, ...opened }, config.lake.retention)
  const components = [
    periodic(clock, {
      ...{ name: 'retention', firstAfterMs: FIRST_RETENTION_MS, everyMs: RETENTION_EVERY_MS },
      task: (signal) => retention.look(signal),
      onError: onError('retention'),
    }),
    periodic(clock, {
      ...{ name: 'letters', firstAfterMs: 1000, everyMs: LETTERS_EVERY_MS },
      task: () => letters.look(),
      onError: onError('dead letters'),
    }),
    ...(gaps === null
      ? []
      : [
          periodic(clock, {
            ...{ name: 'gaps', firstAfterMs: 1000, everyMs: GAPS_EVERY_MS },
            task: () => gaps.look(),
            onError: onError('gaps of channels'),
          }),
        ]),
    periodic(clock, {
      ...{ name: 'audit', firstAfterMs: Math.min(every, FIRST_AUDIT_MS), everyMs: every },
      task: (signal) => audits.look(signal),
      onError: onError('audit'),
    }),
  ]
  const measured = [letters, audits, retention, ...(gaps === null ? [] : [gaps])]
  return { components, measured }
}

/** Null where nothing is listened to. */
function gapWatch(deps: LakeWatchDeps, config: Config, opened: OpenLake): GapWatch | null {
  const orgs = [...new Set(config.channels.map(({ org }) => org))]
  if (orgs.length === 0) return null
  const gaps = async () =>
    openGaps(deps, config, { ...opened, table: await opened.lake.find(arrivals) })
  const proven = () => readProven(deps.files, `${config.journal.dir}/${channelsPartition}`)
  const { channelGapAge } = config.alerts
  return new GapWatch({ ...deps, gaps, proven }, { orgs, channelGapAge })
}

/** What the loader lands is in the lake seconds later: its journal is not asked. */
function letterReader({ lake, store, engine }: OpenLake): () => Promise<OpenLetters | null> {
  let seen = -1
  return async () => {
    const table = await lake.find(arrivals)
    if (table === null || table.version === seen) return null
    const letters = await withLeases(store, (objects) =>
      openLetters({ store: objects, engine, table, waiting: [] }),
    )
    seen = table.version
    return letters
  }
}

function auditor(deps: Machine, config: Config) {
  const proven = new Set<string>()
  const scopes = new Map(sourceScopes(config).map(({ name, scope }) => [name, scope]))
  const areMasked = config.privacy.bronze === 'masked'
  const options = { scopes, most: MOST_FAULTS, areMasked, proven }
  return async (signal: AbortSignal) => {
    const lake = await openReadableLake(deps, config, auditEngine)
    try {
      if (lake.table === null) return nothingAudited
      return await audit(lake, lake.table, { ...options, signal })
    } finally {
      lake.close()
    }
  }
}
