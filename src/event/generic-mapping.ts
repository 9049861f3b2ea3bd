/**
 * Where bodies of the dialect `generic` say what, as JSON pointers (RFC 6901) that are taken apart
 * once.
 */
import type { TimePlaces } from './time.ts'

/** Where a body says what, as JSON pointers. */
export interface GenericPointers {
  readonly id?: string
  /** Of an event type that the catalogue or the configuration has. */
  readonly type?: string
  /** Of a time in ISO 8601, or in milliseconds since 1970. */
  readonly time?: string
  readonly conversationId?: string
  /** Of a Genesys topic, which tells the type where no type is named. */
  readonly topic?: string
  readonly orgId?: string
}

/** The same, taken apart once. */
export interface GenericMapping {
  readonly id: Pointer
  readonly type: Pointer
  readonly time: TimePlaces
  readonly conversationId: Pointer
  readonly topic: Pointer
  readonly orgId: Pointer
}

/** Names of members from the top; empty for a place that is not named. */
export type Pointer = readonly string[]

/** Each pointer is one to a member, not to the whole body. */
export function genericMapping(pointers: GenericPointers): GenericMapping {
  const time = namesOf(pointers.time)
  return {
    id: namesOf(pointers.id),
    type: namesOf(pointers.type),
    time: time.length === 0 ? [] : [[{ path: time.join('.'), names: time }]],
    conversationId: namesOf(pointers.conversationId),
    topic: namesOf(pointers.topic),
    orgId: namesOf(pointers.orgId),
  }
}

function namesOf(pointer: string | undefined): Pointer {
  if (pointer === undefined) return []
  const escaped = pointer.split('/').slice(1)
  return escaped.map((name) => name.replaceAll('~1', '/').replaceAll('~0', '~'))
}
