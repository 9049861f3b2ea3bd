/** Makes layers of the lake of a configuration anew. */
import { InletError } from '../core/errors.ts'
import type { DeltaTable } from '../lake/delta/delta-table.ts'
import { type GoldRebuildReport, rebuildGold } from '../loader/gold/rebuild.ts'
import { type RebuildReport, rebuildSilver } from '../loader/silver/rebuild.ts'
import type { Observer } from '../observe/events.ts'
import { arrivals } from '../tables/arrivals.ts'
import { goldOptions } from './config/gold.ts'
import type { Config } from './config/schema.ts'
import { type OpenLake, openLakeAt } from './lake-access.ts'
import type { Machine } from './machine.ts'
import { requirePrivacy } from './privacy-policy.ts'
import { openLandedRegistry } from './schemas/registry.ts'
import type { SecretSource } from './secrets/read-secret.ts'
import { silverRows } from './silver-rows.ts'

export interface RebuildDeps extends Machine {
  readonly observer: Observer
  readonly secretSource: SecretSource
}

export interface RebuildSettings {
  readonly signal: AbortSignal
  readonly onProgress: (done: number, of: number) => void
}

/** Rejects with INL_LAK_TABLE_MISSING where nothing has landed. */
export async function rebuildSilverOf(
  deps: RebuildDeps,
  config: Config,
  settings: RebuildSettings,
): Promise<RebuildReport> {
  const { policy } = await requirePrivacy(config, deps.secretSource)
  const opened = await openLakeAt(deps, config)
  try {
    const bronze = await requireBronze(opened)
    // The same for all of it, whatever is approved in the meantime.
    const schemas = await openLandedRegistry({ ...deps, ...opened }, config, bronze)
    const rows = silverRows({ policy, schemas: { ...schemas, current: async () => schemas } })
    const { scratch } = opened
    return await rebuildSilver({ ...deps, ...opened, rows }, { ...settings, scratch })
  } finally {
    opened.close()
  }
}

/** Of silver and bronze as they stand. Rejects with INL_LAK_TABLE_MISSING where nothing landed. */
export async function rebuildGoldOf(
  deps: RebuildDeps,
  config: Config,
  settings: RebuildSettings,
): Promise<GoldRebuildReport> {
  const opened = await openLakeAt(deps, config)
  try {
    await requireBronze(opened)
    const { scratch } = opened
    const options = { ...settings, scratch, gold: goldOptions(config.gold) }
    return await rebuildGold({ ...deps, ...opened }, options)
  } finally {
    opened.close()
  }
}

async function requireBronze({ lake, store }: OpenLake): Promise<DeltaTable> {
  const bronze = await lake.find(arrivals)
  if (bronze !== null) return bronze
  const details = { table: arrivals.name, store: store.description }
  throw new InletError('INL_LAK_TABLE_MISSING', details)
}
