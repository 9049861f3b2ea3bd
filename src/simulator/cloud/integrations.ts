/**
 * Integrations of the simulated organisation, as far as Amazon EventBridge needs them: an
 * integration of the type `amazon-eventbridge-source` with its configuration, which is enabled by
 * `intendedState`.
 *
 * Source: documentation of the official SDK's IntegrationsApi; the properties as
 * GenesysCloudDevOps/aws-event-bridge-module names them.
 */
import { isArray, isObject, type JsonObject } from '../../event/json.ts'
import type { Asked, Reply, Route } from './exchange.ts'
import { badRequest, done, notFound, objectIn, pageOf, refusal } from './exchange.ts'
import { Shelf, type ShelfDeps } from './shelf.ts'

const path = '/api/v2/integrations'
const one = `${path}/{id}`
const may = (what: string) => [`integrations:integration:${what}`]
export const eventBridgeType = 'amazon-eventbridge-source'

export function integrationRoutes(deps: ShelfDeps): Route[] {
  const shelf = new Shelf(deps)
  const configs = new Map<string, JsonObject>()
  const found = ({ params: { id = '' } }: Asked, then: (held: JsonObject) => Reply): Reply => {
    const held = shelf.find(id)
    return held === null ? notFound(id) : then(held)
  }
  return [
    {
      method: 'GET',
      path,
      permissions: may('view'),
      handle: (asked) => pageOf(asked, path, shelf.all.map(told)),
    },
    {
      method: 'POST',
      path,
      permissions: may('add'),
      handle(asked) {
        const { integrationType, name = 'Amazon EventBridge Source' } = objectIn(asked)
        const type = isObject(integrationType) ? integrationType['id'] : undefined
        if (type !== eventBridgeType) return badRequest('integrationType.id is not known.')
        const made = shelf.add({ name, integrationType: { id: type }, intendedState: 'DISABLED' })
        if (made === null) return badRequest('There are too many integrations.')
        configs.set(String(made['id']), { name, version: 1, properties: {}, advanced: {} })
        return done(told(made))
      },
    },
    {
      method: 'GET',
      path: one,
      permissions: may('view'),
      handle: (asked) => found(asked, (held) => done(told(held))),
    },
    {
      method: 'PATCH',
      path: one,
      permissions: may('edit'),
      handle: (asked) =>
        found(asked, (held) => {
          const { intendedState, name } = { ...held, ...objectIn(asked) }
          const id = String(held['id'])
          const config = configs.get(id)?.['properties']
          const isSet = isObject(config) && isArray(config['eventFilter'])
          if (intendedState === 'ENABLED' && !isSet)
            return badRequest('The integration has no configuration.')
          const fields = { intendedState: intendedState ?? null, name: name ?? null }
          return done(told(shelf.change(id, fields) ?? held))
        }),
    },
    {
      method: 'DELETE',
      path: one,
      permissions: may('delete'),
      handle: ({ params: { id = '' } }) => shelf.remove(id),
    },
    {
      method: 'GET',
      path: `${one}/config/current`,
      permissions: may('view'),
      handle: (asked) => found(asked, ({ id }) => done(configs.get(String(id)) ?? { version: 1 })),
    },
    {
      method: 'PUT',
      path: `${one}/config/current`,
      permissions: may('edit'),
      handle: (asked) => found(asked, (held) => configure(configs, held, objectIn(asked))),
    },
  ]
}

function configure(configs: Map<string, JsonObject>, held: JsonObject, body: JsonObject): Reply {
  const id = String(held['id'])
  const version = Number(configs.get(id)?.['version'] ?? 1)
  if (body['version'] !== version)
    return refusal(409, 'version.mismatch', `The version is ${version}.`)
  const { properties } = body
  const { eventSourceSuffix, eventFilter } = isObject(properties) ? properties : {}
  if (!/^[A-Za-z0-9._-]{1,64}$/.test(String(eventSourceSuffix)) || !isArray(eventFilter))
    return badRequest('eventSourceSuffix and eventFilter are required.')
  configs.set(id, { ...body, version: version + 1 })
  return done(configs.get(id))
}

function told(held: JsonObject): JsonObject {
  const isOn = held['intendedState'] === 'ENABLED'
  return {
    ...held,
    reportedState: { code: isOn ? 'ACTIVE' : 'INACTIVE', effective: isOn ? 'Active' : 'Inactive' },
    selfUri: `${path}/${held['id']}`,
  }
}
