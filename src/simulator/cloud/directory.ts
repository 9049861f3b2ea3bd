/**
 * The names of the simulated organisation: users, queues, wrap-up codes, skills, divisions, flows
 * and presences, in pages, each of which may be changed or deleted as an administrator would.
 *
 * Shapes and permissions follow the documentation of the official SDK; what Inlet does not read is
 * left out.
 */
import type { Clock } from '../../core/clock.ts'
import type { JsonObject } from '../../event/json.ts'
import { systemPresences, type World } from '../centre/world.ts'
import { isoTime, lowerCamel } from '../render/rendered.ts'
import { done, notFound, objectIn, pageOf, type Route } from './exchange.ts'

export interface DirectoryDeps {
  readonly clock: Clock
  readonly world: World
}

interface Kind {
  readonly path: string
  readonly permission: string
  /** Told whole, without pages. */
  readonly isShort?: boolean
  readonly entities: readonly JsonObject[]
}

export function directoryRoutes({ clock, world }: DirectoryDeps): Route[] {
  const created = isoTime(clock.now())
  return kindsOf(world).flatMap((kind) => routesOf(kind, { clock, created }))
}

function kindsOf(world: World): Kind[] {
  const [home] = world.divisions
  const division = { id: home?.id ?? '', name: home?.name ?? '' }
  const nameOf = (id: string) => world.divisions.find((one) => one.id === id)?.name ?? ''
  return [
    {
      path: '/api/v2/users',
      permission: 'directory:user:view',
      entities: world.agents.map(({ id, name, person: { email } }) => ({
        ...{ id, name, division, email, username: email },
        state: 'active',
      })),
    },
    {
      path: '/api/v2/routing/queues',
      permission: 'routing:queue:view',
      entities: world.queues.map(({ id, name, divisionId, agents }) => ({
        ...{ id, name, division: { id: divisionId, name: nameOf(divisionId) } },
        memberCount: agents.length,
      })),
    },
    {
      path: '/api/v2/routing/wrapupcodes',
      permission: 'routing:wrapupCode:view',
      entities: world.wrapUpCodes.map(({ id, name }) => ({ id, name, division })),
    },
    {
      path: '/api/v2/routing/skills',
      permission: 'routing:skill:view',
      entities: world.skills.map(({ id, name }) => ({ id, name, state: 'active' })),
    },
    {
      path: '/api/v2/authorization/divisions',
      permission: 'authorization:division:view',
      entities: world.divisions.map(({ id, name }) => {
        return { id, name, homeDivision: id === division.id }
      }),
    },
    {
      path: '/api/v2/flows',
      permission: 'architect:flow:view',
      entities: world.flows.map(({ id, name }) => {
        return { id, name, division, type: 'INBOUNDCALL', active: true }
      }),
    },
    {
      path: '/api/v2/presence/definitions',
      permission: 'presence:presenceDefinition:view',
      isShort: true,
      entities: systemPresences.map((presence) => {
        const name = `${presence[0]}${lowerCamel(presence).slice(1)}`
        const id = world.presences.get(presence) ?? ''
        const languageLabels = { en_US: name.replace(/([a-z])([A-Z])/g, '$1 $2') }
        return { id, type: 'System', languageLabels, systemPresence: name, deactivated: false }
      }),
    },
  ]
}

function routesOf(kind: Kind, { clock, created }: { clock: Clock; created: string }): Route[] {
  const { path, permission, isShort = false } = kind
  const view = [permission]
  const edit = [permission.replace(/view$/, 'edit')]
  const held = new Map(
    kind.entities.map((entity) => [
      String(entity['id']),
      { dateCreated: created, dateModified: created, version: 1, ...entity },
    ]),
  )
  const withUri = (entity: JsonObject): JsonObject => ({
    ...entity,
    selfUri: `${path}/${entity['id']}`,
  })
  const change: Route['handle'] = (asked) => {
    const { id = '' } = asked.params
    const entity = held.get(id)
    if (entity === undefined) return notFound(id)
    const dateModified = isoTime(clock.now())
    const changed = { ...entity, ...objectIn(asked), id, dateModified }
    held.set(id, { ...changed, version: entity.version + 1 })
    return done(withUri(held.get(id) ?? changed))
  }
  return [
    {
      method: 'GET',
      path,
      permissions: view,
      handle(asked) {
        const entities = [...held.values()].map(withUri)
        return isShort ? done({ entities, total: entities.length }) : pageOf(asked, path, entities)
      },
    },
    {
      method: 'GET',
      path: `${path}/{id}`,
      permissions: view,
      handle({ params: { id = '' } }) {
        const entity = held.get(id)
        return entity === undefined ? notFound(id) : done(withUri(entity))
      },
    },
    { method: 'PATCH', path: `${path}/{id}`, permissions: edit, handle: change },
    { method: 'PUT', path: `${path}/{id}`, permissions: edit, handle: change },
    {
      method: 'DELETE',
      path: `${path}/{id}`,
      permissions: edit,
      handle: ({ params: { id = '' } }) => (held.delete(id) ? done() : notFound(id)),
    },
  ]
}
