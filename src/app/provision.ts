/**
 * Sets up at Genesys Cloud what `sources[].subscription` asks for.
 *
 * Guarantee: one source after another, by name, so that it can be killed anywhere and run again. A
 * source that fails does not keep others from it.
 */
import { InletError } from '../core/errors.ts'
import { organisationOf } from '../genesys/access.ts'
import type { GenesysClient } from '../genesys/client.ts'
import { planOf, type Step, type Wanted } from '../genesys/provisioning/plan.ts'
import { applyStep, findSubscriptions } from '../genesys/provisioning/platform.ts'
import { lookUpTopics, noTopics, type TopicsReport } from '../genesys/provisioning/topics.ts'
import { type Asked, wantedOf } from '../genesys/provisioning/wanted.ts'
import type { Config } from './config/schema.ts'
import type { Source } from './config/sources.ts'
import { type GenesysDeps, openGenesysClients } from './genesys-access.ts'
import { readSecret } from './secrets/read-secret.ts'

export interface Provisioned {
  readonly source: string
  /** Null where the error came before there was one. */
  readonly step: Step | null
  readonly topics: TopicsReport
  readonly error: InletError | null
}

export interface ProvisionRequest {
  /** False: changes nothing. */
  readonly apply: boolean
  /** Told of each step before it is done. */
  readonly onStep: (step: Step, topics: TopicsReport) => void
}

export async function provision(
  deps: GenesysDeps,
  config: Config,
  { apply, onStep }: ProvisionRequest,
): Promise<Provisioned[]> {
  const within = { ...deps, clients: openGenesysClients(deps, config, { user: 'command' }) }
  const results: Provisioned[] = []
  for (const source of config.sources) {
    if (source.subscription === undefined) continue
    let step: Step | null = null
    let topics = noTopics
    try {
      const planned = await planFor(within, config, source)
      const { client, wanted } = planned
      step = planned.step
      topics = await lookUpTopics(client, wanted)
      onStep(step, topics)
      if (apply || step.action === 'ambiguous') await applyStep(client, wanted, step)
      results.push({ source: source.name, step, topics, error: null })
    } catch (error) {
      if (!(error instanceof InletError)) throw error
      results.push({ source: source.name, step, topics, error })
    }
  }
  return results
}

export interface Planned {
  readonly client: GenesysClient
  readonly wanted: Wanted
  readonly step: Step
}

/** Of a source with a subscription. Rejects with what keeps it from being set up. */
export async function planFor(
  deps: GenesysDeps & { readonly clients: ReadonlyMap<string, GenesysClient> },
  config: Config,
  source: Source,
): Promise<Planned> {
  const wanted = await wantedFor(deps, config, source)
  const client = await clientFor(deps.clients, config, source)
  return { client, wanted, step: planOf(wanted, await findSubscriptions(client, wanted)) }
}

async function clientFor(
  clients: ReadonlyMap<string, GenesysClient>,
  { orgs }: Config,
  { name: source, org }: Source,
): Promise<GenesysClient> {
  const client = clients.get(org ?? '')
  if (client === undefined) {
    const reason = org === undefined ? 'it names no org' : `orgs has no client for ${org}`
    const remedy = 'Give the source its org, and that host, clientId and clientSecret.'
    throw new InletError('INL_GEN_SUBSCRIPTION', { source, reason, remedy })
  }
  const expected = orgs.find(({ name }) => name === org)?.orgId
  const found = await organisationOf(client)
  if (found === expected) return client
  throw new InletError('INL_GEN_ORG', { org: client.org, found, expected: expected ?? '' })
}

async function wantedFor(deps: GenesysDeps, config: Config, source: Source): Promise<Wanted> {
  const asking = wantedOf(await askedOf(deps, source), config.dedup.window)
  if ('wanted' in asking) return asking.wanted
  const reason = asking.refusals.map((one) => one.reason).join('; ')
  const remedy = asking.refusals.map((one) => one.remedy).join(' ')
  throw new InletError('INL_GEN_SUBSCRIPTION', { source: source.name, reason, remedy })
}

async function askedOf(deps: GenesysDeps, source: Source): Promise<Asked> {
  const { subscription, accept } = source
  if (subscription === undefined) throw new RangeError(`${source.name} has no subscription`)
  const { kind, name, topics, retryPolicy } = subscription
  const { publicUrl = null, certificateId = null, contactType = null } = subscription
  const { awsAccount = null, awsRegion = null } = subscription
  const { interactionTypes, queues, directions, eventTypes } = accept
  return {
    ...{ source: source.name, kind, name, publicUrl, certificateId, contactType },
    ...{ interactionTypes, queues, directions, awsAccount, awsRegion },
    events: topics.length > 0 ? topics : eventTypes,
    headers: kind === 'event-subscription' ? await headersOf(deps, source) : {},
    maxRetries: retryPolicy.maxRetries,
    retryIntervalMs: retryPolicy.retryInterval,
  }
}

/** The newest secret of each proof that stands in a header. */
async function headersOf({ secretSource }: GenesysDeps, { auth }: Source) {
  if (auth === 'none') return {}
  const headers: Record<string, string> = {}
  for (const proof of [auth.hmac, auth.apiKey]) {
    const [reference] = proof?.secrets ?? []
    if (proof === undefined || reference === undefined) continue
    const found = await readSecret(reference, secretSource)
    if (!found.ok)
      throw new InletError('INL_GEN_SECRET', { reason: found.what, remedy: found.remedy })
    headers[proof.header] = found.value
  }
  return headers
}
