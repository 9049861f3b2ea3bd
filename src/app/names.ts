/** Names as the loader syncs them: for the organisations that have a client, again and again. */
import { errorText } from '../core/errors.ts'
import type { Lifecycle } from '../core/lifecycle.ts'
import type { GenesysClient } from '../genesys/client.ts'
import { NamesMeter } from '../loader/names/names-meter.ts'
import { type NamedOrg, NamesSync, type NamesSyncDeps } from '../loader/names/names-sync.ts'
import type { Measured } from '../observe/metrics.ts'
import type { Config } from './config/schema.ts'
import { periodic } from './periodic.ts'

/** A loader that has just started has more urgent things to do. */
const FIRST_AFTER_MS = 1000

export interface Names {
  readonly components: readonly Lifecycle[]
  readonly measured: readonly Measured[]
}

/** Nothing where no organisation has a client. */
export function openNames(
  deps: Omit<NamesSyncDeps, 'meter'> & {
    readonly scratch: string
    readonly clients: ReadonlyMap<string, GenesysClient>
  },
  config: Pick<Config, 'orgs' | 'names'>,
): Names {
  const { clock, observer, scratch, clients } = deps
  const orgs = config.orgs.flatMap(({ name, orgId }): NamedOrg[] => {
    const client = clients.get(name)
    return client === undefined ? [] : [{ orgId, client }]
  })
  if (orgs.length === 0) return { components: [], measured: [] }
  const meter = new NamesMeter()
  const sync = new NamesSync({ ...deps, meter }, { orgs, scratch })
  const component = periodic(clock, {
    ...{ name: 'names', firstAfterMs: FIRST_AFTER_MS, everyMs: config.names.every },
    task: (signal) => sync.run(signal),
    onError: (error) => observer('lake_watch_failed', { watch: 'names', reason: errorText(error) }),
  })
  return { components: [component], measured: [meter] }
}
