/**
 * The two subscriptions of the guides: the Analytics Notification API
 * (`/api/v2/analytics/notifications`) and event subscriptions
 * (`/api/v2/notifications/eventSubscriptions`).
 *
 * Source: the guides alone. Neither is in the public API of Genesys Cloud; bodies and permissions
 * are as the guides write them, and the rest as other resources of the platform are.
 */
import { isArray, isObject, type JsonObject, type JsonValue } from '../../event/json.ts'
import {
  type Asked,
  badRequest,
  done,
  notFound,
  pageOf,
  type Reply,
  type Route,
} from './exchange.ts'
import { Shelf, type ShelfDeps } from './shelf.ts'

export interface Subscriptions {
  readonly routes: readonly Route[]
  /** Those that want to be told in a dialect, and are active. */
  active(dialect: string): Subscribed[]
  /** As the platform does after repeated failures; of that id, or `all`. */
  deactivate(id: string): void
}

export interface Subscribed {
  readonly id: string
  readonly fields: JsonObject
}

interface Kind {
  /** That its webhook is told in. */
  readonly dialect: string
  readonly path: string
  /** The member that a body is wrapped in; null for none. */
  readonly wrapper: string | null
  /** The member that says whether anything is sent. */
  readonly active: 'enabled' | 'active'
  /** The list that must not be empty. */
  readonly events: (fields: JsonObject) => JsonValue | undefined
  readonly permissions: { readonly view: readonly string[]; readonly edit: readonly string[] }
}

const kinds: readonly Kind[] = [
  {
    dialect: 'analytics-notification',
    path: '/api/v2/analytics/notifications',
    wrapper: null,
    active: 'enabled',
    events: ({ filters }) => (isObject(filters) ? filters['eventTypes'] : undefined),
    permissions: {
      view: ['analytics:notifications:view', 'analytics:notifications:edit'],
      edit: ['analytics:notifications:edit'],
    },
  },
  {
    dialect: 'event-subscription',
    path: '/api/v2/notifications/eventSubscriptions',
    wrapper: 'eventSubscription',
    active: 'active',
    events: ({ events }) => events,
    permissions: {
      view: ['notification:read', 'notification:write'],
      edit: ['notification:write'],
    },
  },
]

export function openSubscriptions(deps: ShelfDeps): Subscriptions {
  const opened = kinds.map((kind) => ({ kind, shelf: new Shelf(deps) }))
  return {
    routes: opened.flatMap(({ kind, shelf }) => routesOf(kind, shelf)),
    active: (dialect) =>
      opened
        .filter(({ kind }) => kind.dialect === dialect)
        .flatMap(({ kind, shelf }) => shelf.all.filter((fields) => fields[kind.active] === true))
        .map((fields) => ({ id: String(fields['id']), fields })),
    deactivate(wanted) {
      for (const { kind, shelf } of opened)
        for (const { id } of shelf.all)
          if (wanted === 'all' || wanted === id) shelf.change(String(id), { [kind.active]: false })
    },
  }
}

function routesOf(kind: Kind, shelf: Shelf): Route[] {
  const { path, wrapper, permissions } = kind
  const wrapped = (one: JsonObject): JsonValue => {
    const whole = { ...one, selfUri: `${path}/${one['id']}` }
    return wrapper === null ? whole : { [wrapper]: whole }
  }
  const change = (isWhole: boolean) => (asked: Asked) => {
    const { id = '' } = asked.params
    const held = shelf.find(id)
    if (held === null) return notFound(id)
    const fields = fieldsOf(kind, asked)
    const wrong = complaint(kind, isWhole ? fields : { ...held, ...fields })
    return wrong ?? done(wrapped(shelf.change(id, fields) ?? held))
  }
  const one = `${path}/{id}`
  return [
    {
      method: 'POST',
      path,
      permissions: permissions.edit,
      handle(asked) {
        const fields = { [kind.active]: true, ...fieldsOf(kind, asked) }
        const wrong = complaint(kind, fields)
        if (wrong !== null) return wrong
        const made = shelf.add(fields)
        return made === null ? badRequest('There are too many.') : done(wrapped(made), 201)
      },
    },
    {
      method: 'GET',
      path,
      permissions: permissions.view,
      handle: (asked) => pageOf(asked, path, shelf.all.map(wrapped)),
    },
    {
      method: 'GET',
      path: one,
      permissions: permissions.view,
      handle({ params: { id = '' } }) {
        const found = shelf.find(id)
        return found === null ? notFound(id) : done(wrapped(found))
      },
    },
    { method: 'PUT', path: one, permissions: permissions.edit, handle: change(true) },
    { method: 'PATCH', path: one, permissions: permissions.edit, handle: change(false) },
    {
      method: 'DELETE',
      path: one,
      permissions: permissions.edit,
      handle: ({ params: { id = '' } }) => shelf.remove(id),
    },
  ]
}

function fieldsOf({ wrapper }: Kind, { body }: Asked): JsonObject {
  const whole = isObject(body) ? body : {}
  const inner = wrapper === null ? whole : whole[wrapper]
  return isObject(inner) ? inner : {}
}

function complaint(kind: Kind, fields: JsonObject): Reply | null {
  const { name, url } = fields
  if (typeof name !== 'string' || name === '') return badRequest('name is required.')
  const parsed = typeof url === 'string' ? URL.parse(url) : null
  const isHere = /^(localhost|127\.|\[::1\])/.test(parsed?.hostname ?? '')
  if (parsed?.protocol !== 'https:' && !isHere) return badRequest('url must be an HTTPS endpoint.')
  const events = kind.events(fields)
  if (!isArray(events) || events.length === 0) return badRequest('No event types are named.')
  return null
}
