/** Opens what the commands about schemas look at: the registry, and the lake if there is one. */
import type { QuerySession } from '../../lake/query.ts'
import type { Config } from '../config/schema.ts'
import { nullIfMissing, openQueryAt } from '../lake-access.ts'
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
  const session = await openQueryAt(machine, config).catch(nullIfMissing)
  try {
    return await use({ ...registry, session })
  } finally {
    session?.close()
  }
}
