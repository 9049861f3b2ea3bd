/** Opens what the commands about schemas look at: the registry, and the lake if there is one. */
import { hasCode } from '../../core/errors.ts'
import type { QuerySession } from '../../lake/query.ts'
import type { Config } from '../config/schema.ts'
import { openQueryAt } from '../lake-access.ts'
import type { Machine } from '../machine.ts'
import { openRegistry, type Registry } from './registry.ts'

export interface Survey extends Registry {
  /** Null where nothing has landed. */
  readonly session: QuerySession | null
}

export async function withSurvey<T>(
  machine: Machine,
  config: Config,
  use: (survey: Survey) => Promise<T>,
): Promise<T> {
  const registry = await openRegistry(machine, config)
  const session = await openQueryAt(machine, config).catch((error: unknown) => {
    if (hasCode(error, 'INL_LAK_TABLE_MISSING')) return null
    throw error
  })
  try {
    return await use({ ...registry, session })
  } finally {
    session?.close()
  }
}
