/**
 * `GET /api/v2/notifications/availabletopics` of the simulated organisation: every topic of the
 * official list, and with `expand=schema` the schemas that Inlet is born with.
 *
 * Source: `AvailableTopic` of the official SDK. Which transports a topic has is invented: detail
 * events come by EventBridge and channels, as the official page says, all others by both too.
 */

import type { JsonObject, JsonValue } from '../../event/json.ts'
import { templateOf, topicTemplates } from '../../event/topics.ts'
import type { SchemaDocument } from '../../schemas/json-schema.ts'
import { builtInSeed } from '../../schemas/seed/seed.ts'
import { done, type Route } from './exchange.ts'

export function topicRoutes(): Route[] {
  return [
    {
      method: 'GET',
      path: '/api/v2/notifications/availabletopics',
      handle({ query }) {
        const expanded = new Set(query.getAll('expand').flatMap((text) => text.split(',')))
        const schemas = expanded.has('schema') ? builtInSeed() : null
        return done({
          entities: topicTemplates.map((id) => ({
            ...topicOf(id, expanded),
            ...(schemas && { schema: plain(schemas.get(id) ?? {}) }),
          })),
        })
      },
    },
  ]
}

/** What a client must be allowed for a topic; null for nothing. */
export function permissionOf(topic: string): string | null {
  const template = templateOf(topic) ?? ''
  if (template.startsWith('v2.detail.events.conversation'))
    return 'analytics:conversationDetail:view'
  if (template.startsWith('v2.analytics.queues')) return 'analytics:queueObservation:view'
  if (template.startsWith('v2.users.')) return 'directory:user:view'
  return null
}

function topicOf(id: string, expanded: ReadonlySet<string>): JsonObject {
  const permission = permissionOf(id)
  return {
    id,
    visibility: 'Public',
    ...(expanded.has('description') && { description: id.split('.').at(-1) ?? id }),
    ...(expanded.has('requiresPermissions') && {
      requiresPermissions: permission === null ? [] : [permission],
    }),
    ...(expanded.has('transports') && { transports: ['All'] }),
  }
}

/** A schema as JSON, which it is plain data of. */
function plain(schema: SchemaDocument): JsonValue {
  return JSON.parse(JSON.stringify(schema))
}
