/** The clients of Genesys Cloud that a configuration names, one for each organisation it asks. */
import { InletError } from '../core/errors.ts'
import { defaultClientOptions, type OpenClient, openGenesysClient } from '../genesys/open-client.ts'
import type { Observer } from '../observe/events.ts'
import type { Config } from './config/schema.ts'
import type { SecretReference } from './config/secret-reference.ts'
import type { Machine } from './machine.ts'
import { readSecret, type SecretSource } from './secrets/read-secret.ts'

export interface GenesysDeps extends Pick<Machine, 'clock' | 'random'> {
  readonly observer: Observer
  readonly secretSource: SecretSource
}

/**
 * Of the 300 requests a minute that Genesys Cloud allows, what each who asks may begin: they are in
 * processes of their own, which do not count together.
 */
export const perMinuteOf = { reconcile: 100, loader: 40, channels: 40, command: 100 } as const

export type GenesysUser = keyof typeof perMinuteOf

/** How long an answer may take, and how often it is asked for. */
export interface GenesysPatience {
  readonly timeoutMs: number
  readonly tries: number
}

export interface GenesysUse {
  readonly user: GenesysUser
  readonly patience?: GenesysPatience
}

/**
 * By the names of their organisations; those without a client of their own are left out. Each user
 * has one map.
 */
export function openGenesysClients(
  deps: GenesysDeps,
  { orgs }: Pick<Config, 'orgs'>,
  { user, patience = defaultClientOptions }: GenesysUse,
): ReadonlyMap<string, OpenClient> {
  const clients = new Map<string, OpenClient>()
  for (const { name: org, host, clientId, clientSecret } of orgs) {
    if (host === undefined || clientId === undefined || clientSecret === undefined) continue
    const read = (reference: SecretReference) => secretOf(reference, deps.secretSource)
    const credentials = async () => ({
      clientId: await read(clientId),
      clientSecret: await read(clientSecret),
    })
    const perMinute = perMinuteOf[user]
    const options = { ...defaultClientOptions, ...patience, perMinute, org, host }
    clients.set(org, openGenesysClient({ ...deps, fetch, credentials }, options))
  }
  return clients
}

async function secretOf(reference: SecretReference, from: SecretSource): Promise<string> {
  const found = await readSecret(reference, from)
  if (found.ok) return found.value
  throw new InletError('INL_GEN_SECRET', { reason: found.what, remedy: found.remedy })
}
