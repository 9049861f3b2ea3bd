/**
 * Subscriptions as Genesys Cloud has them: listed, made and changed.
 *
 * Sources: the two guides for `analytics/notifications` and `notifications/eventSubscriptions`,
 * neither of which is in the public API; the official SDK's IntegrationsApi, and the properties
 * that GenesysCloudDevOps/aws-event-bridge-module names, for the integration with Amazon
 * EventBridge.
 *
 * What a crash leaves is found by its name: an integration is made without events, configured, then
 * enabled, and each of these steps may come a second time.
 */
import { InletError } from '../../core/errors.ts'
import { isObject, type JsonObject, parseJson } from '../../event/json.ts'
import type { GenesysClient } from '../client.ts'
import { pagesByNumber } from '../paging.ts'
import type { Found, Step, Wanted } from './plan.ts'

const PAGE_SIZE = 100
const INTEGRATIONS = '/api/v2/integrations'
const EVENT_BRIDGE = 'amazon-eventbridge-source'

/** The guides' own: a body, wrapped or not, with a member that says whether anything is sent. */
const webhooks = {
  'analytics-notification': {
    path: '/api/v2/analytics/notifications',
    wrapper: null,
    active: 'enabled',
  },
  'event-subscription': {
    path: '/api/v2/notifications/eventSubscriptions',
    wrapper: 'eventSubscription',
    active: 'active',
  },
} as const

export async function findSubscriptions(
  client: GenesysClient,
  { kind, name }: Pick<Wanted, 'kind' | 'name'>,
): Promise<Found[]> {
  if (kind === 'eventbridge') return findIntegrations(client, name)
  const { path, wrapper, active } = webhooks[kind]
  const all = await listed(client, path)
  return all.flatMap((whole) => {
    const fields = wrapper === null ? whole : objectIn(whole, wrapper)
    const { id, name: called } = fields
    if (typeof id !== 'string' || called !== name) return []
    return [{ id, name, isActive: fields[active] === true, fields }]
  })
}

/** Does a step of a plan, and leaves it active. */
export async function applyStep(client: GenesysClient, wanted: Wanted, step: Step): Promise<void> {
  if (step.action === 'none') return
  if (step.action === 'ambiguous')
    throw new InletError('INL_GEN_AMBIGUOUS', { org: client.org, name: step.name })
  if (wanted.kind === 'eventbridge') return applyIntegration(client, wanted, step)
  const { path, wrapper, active } = webhooks[wanted.kind]
  const fields = { ...wanted.fields, name: wanted.name, [active]: true }
  const body = wrapper === null ? fields : { [wrapper]: fields }
  const method = step.id === null ? 'POST' : 'PUT'
  const at = step.id === null ? path : `${path}/${encodeURIComponent(step.id)}`
  await client.call({ method, path: at, body })
}

async function findIntegrations(client: GenesysClient, name: string): Promise<Found[]> {
  const found: Found[] = []
  for (const one of await listed(client, INTEGRATIONS)) {
    const { id, name: called, intendedState } = one
    const isIt = called === name && objectIn(one, 'integrationType')['id'] === EVENT_BRIDGE
    if (!isIt || typeof id !== 'string') continue
    const fields = objectIn(await configOf(client, id), 'properties')
    found.push({ id, name, isActive: intendedState === 'ENABLED', fields })
  }
  return found
}

async function applyIntegration(
  client: GenesysClient,
  { name, fields: properties }: Wanted,
  step: Step,
): Promise<void> {
  const id = step.id ?? (await makeIntegration(client, name))
  const at = `${INTEGRATIONS}/${encodeURIComponent(id)}`
  if (step.changes.length > 0) {
    const held = await configOf(client, id)
    const body = {
      ...{ advanced: {}, credentials: {}, ...held, name },
      properties: { ...objectIn(held, 'properties'), ...properties },
    }
    await client.call({ method: 'PUT', path: `${at}/config/current`, body })
  }
  await client.call({ method: 'PATCH', path: at, body: { intendedState: 'ENABLED' } })
}

async function makeIntegration(client: GenesysClient, name: string): Promise<string> {
  const body = { name, integrationType: { id: EVENT_BRIDGE } }
  const { id } = await answered(client, { method: 'POST', path: INTEGRATIONS, body })
  if (typeof id === 'string') return id
  throw new InletError('INL_GEN_ANSWER', { host: client.org, reason: 'an integration without id' })
}

function configOf(client: GenesysClient, id: string): Promise<JsonObject> {
  const path = `${INTEGRATIONS}/${encodeURIComponent(id)}/config/current`
  return answered(client, { method: 'GET', path })
}

async function answered(
  client: GenesysClient,
  call: Parameters<GenesysClient['call']>[0],
): Promise<JsonObject> {
  return plain((await client.call(call)).bytes)
}

async function listed(client: GenesysClient, path: string): Promise<JsonObject[]> {
  const all: JsonObject[] = []
  for await (const { entities } of pagesByNumber(client, { method: 'GET', path }, PAGE_SIZE))
    all.push(...entities.map(({ slice }) => plain(slice)))
  return all
}

function plain(bytes: Buffer): JsonObject {
  const value = parseJson(bytes.toString('utf8'))
  return isObject(value) ? value : {}
}

function objectIn(object: JsonObject, name: string): JsonObject {
  const value = object[name]
  return isObject(value) ? value : {}
}
