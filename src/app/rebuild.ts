/** Makes layers of the lake of a configuration anew. */
import { InletError } from '../core/errors.ts'
import { type RebuildReport, rebuildSilver } from '../loader/silver/rebuild.ts'
import type { Observer } from '../observe/events.ts'
import { arrivals } from '../tables/arrivals.ts'
import type { Config } from './config/schema.ts'
import { openLakeAt } from './lake-access.ts'
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
    const bronze = await opened.lake.find(arrivals)
    if (bronze === null) {
      const details = { table: arrivals.name, store: opened.store.description }
      throw new InletError('INL_LAK_TABLE_MISSING', details)
    }
    // The same for all of it, whatever is approved in the meantime.
    const schemas = await openLandedRegistry({ ...deps, ...opened }, config, bronze)
    const rows = silverRows({ policy, schemas: { ...schemas, current: async () => schemas } })
    const { scratch } = opened
    return await rebuildSilver({ ...deps, ...opened, rows }, { ...settings, scratch })
  } finally {
    opened.close()
  }
}
