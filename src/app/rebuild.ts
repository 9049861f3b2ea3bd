/**
 * Makes layers of the lake of a configuration anew: silver out of bronze, and gold behind it, since
 * gold does not see that rows which it has read became others.
 */
import { join } from 'node:path'
import { InletError } from '../core/errors.ts'
import type { DeltaTable } from '../lake/delta/delta-table.ts'
import { rebuildGold } from '../loader/gold/rebuild.ts'
import { APPROVALS_MARK, approvalsMark, markOf, RULES_MARK } from '../loader/progress/marks.ts'
import { type RebuildReport, rebuildLock } from '../loader/progress/staged-table.ts'
import { rebuildSilver } from '../loader/silver/rebuild.ts'
import type { Observer } from '../observe/events.ts'
import { arrivals } from '../tables/arrivals.ts'
import { goldOptions } from './config/gold.ts'
import type { Config } from './config/schema.ts'
import { type OpenLake, openLakeAt } from './lake-access.ts'
import type { Machine } from './machine.ts'
import { requirePrivacy } from './privacy-policy.ts'
import { approvedOf, openLandedRegistry } from './schemas/registry.ts'
import type { SecretSource } from './secrets/read-secret.ts'
import { silverRows } from './silver-rows.ts'

export interface RebuildDeps extends Machine {
  readonly observer: Observer
  readonly secretSource: SecretSource
}

export interface RebuildSettings {
  /** Gold alone, or silver and then gold. */
  readonly layer: 'silver' | 'gold'
  readonly signal: AbortSignal
  /** Positions that are done, of all of a layer; in gold, of each of its tables. */
  readonly onProgress: (layer: RebuildSettings['layer'], done: number, of: number) => void
}

/**
 * Rejects with INL_LAK_TABLE_MISSING where nothing has landed, and with INL_LDR_REBUILDING while
 * another process of this machine does the same.
 */
export async function rebuild(
  deps: RebuildDeps,
  config: Config,
  settings: RebuildSettings,
): Promise<RebuildReport> {
  const opened = await openLakeAt(deps, config)
  const { layer } = settings
  const lock = deps.locks.acquire(join(opened.scratch, rebuildLock))
  try {
    if (lock === null) throw new InletError('INL_LDR_REBUILDING', { layer })
    const at = { deps, config, opened, bronze: await requireBronze(opened) }
    const silver = layer === 'silver' ? await silverAnew(at, settings) : []
    return { tables: [...silver, ...(await goldAnew(at, settings))] }
  } finally {
    lock?.release()
    opened.close()
  }
}

interface At {
  readonly deps: RebuildDeps
  readonly config: Config
  readonly opened: OpenLake
  readonly bronze: DeltaTable
}

/** Under the same schemas and rules for all of it, whatever is approved in the meantime. */
async function silverAnew({ deps, config, opened, bronze }: At, settings: RebuildSettings) {
  const { policy } = await requirePrivacy(config, deps.secretSource)
  const schemas = await openLandedRegistry({ ...deps, ...opened }, config, bronze)
  const { largeFields } = config.privacy
  const current = async () => schemas
  const rows = silverRows({ policy, schemas: { ...schemas, current }, largeFields })
  const marks = new Map([
    [RULES_MARK, markOf(`${schemas.digest} ${policy.version}`)],
    [APPROVALS_MARK, approvalsMark(approvedOf(schemas))],
  ])
  const { scratch } = opened
  const onProgress = settings.onProgress.bind(null, 'silver')
  const options = { ...settings, onProgress, scratch, marks }
  const { tables } = await rebuildSilver({ ...deps, ...opened, rows }, options)
  return tables
}

async function goldAnew({ deps, config, opened }: At, settings: RebuildSettings) {
  const onProgress = settings.onProgress.bind(null, 'gold')
  const { scratch } = opened
  const options = { ...settings, onProgress, scratch, gold: goldOptions(config.gold) }
  return (await rebuildGold({ ...deps, ...opened }, options)).tables
}

async function requireBronze({ lake, store }: OpenLake): Promise<DeltaTable> {
  const bronze = await lake.find(arrivals)
  if (bronze !== null) return bronze
  const details = { table: arrivals.name, store: store.description }
  throw new InletError('INL_LAK_TABLE_MISSING', details)
}
