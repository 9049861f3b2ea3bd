/**
 * The names behind the ids that events carry: users, queues, wrap-up codes, skills, divisions,
 * flows and presences, as the organisation lists them.
 *
 * Guarantee: each that the platform tells, once; one without an id is left out. Source: paths and
 * page sizes of the official SDK's documentation.
 */
import { objectAt, textAt } from '../event/fields.ts'
import type { ObjectView } from '../event/json-view.ts'
import type { Call, GenesysClient, Urgency } from './client.ts'
import { type Entity, pagesByNumber } from './paging.ts'

export const nameKinds = [
  'users',
  'queues',
  'wrapup_codes',
  'skills',
  'divisions',
  'flows',
  'presences',
] as const
export type NameKind = (typeof nameKinds)[number]

const paths: Readonly<Record<NameKind, string>> = {
  users: '/api/v2/users',
  queues: '/api/v2/routing/queues',
  wrapup_codes: '/api/v2/routing/wrapupcodes',
  skills: '/api/v2/routing/skills',
  divisions: '/api/v2/authorization/divisions',
  flows: '/api/v2/flows',
  presences: '/api/v2/presence/definitions',
}

const PAGE_SIZE = 100

export interface Named extends Entity {
  readonly id: string
  /** Null where it says none. */
  readonly name: string | null
  readonly divisionId: string | null
}

export interface NamesOptions {
  readonly urgency?: Urgency
  readonly signal?: AbortSignal
}

/** `entity.view` has the rest of what is said of it. */
export async function* listNames(
  client: GenesysClient,
  kind: NameKind,
  options: NamesOptions = {},
): AsyncGenerator<Named, void> {
  // Users who were deactivated are still those that events name.
  const query = kind === 'users' ? { state: 'any' } : {}
  const call: Call = { method: 'GET', path: paths[kind], query, ...options }
  const seen = new Set<string>()
  for await (const { entities } of pagesByNumber(client, call, PAGE_SIZE)) {
    for (const entity of entities) {
      const id = textAt(entity.view, 'id')
      if (id === null || seen.has(id)) continue
      seen.add(id)
      const divisionId = textAt(objectAt(entity.view, 'division'), 'id')
      yield { ...entity, id, name: nameIn(entity.view), divisionId }
    }
  }
}

/** Presences have labels by language, and only a system name that is the same everywhere. */
function nameIn(view: ObjectView): string | null {
  return (
    textAt(view, 'name') ??
    textAt(objectAt(view, 'languageLabels'), 'en_US') ??
    textAt(view, 'systemPresence')
  )
}
