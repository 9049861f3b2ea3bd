/**
 * Any JSON object, read by the places that the configuration names: JSON pointers (RFC 6901), such
 * as `/detail/id`. For what a workflow or a relay of one's own sends, which has no shape that could
 * be known here.
 *
 * It reads whatever no other dialect of its source does. A place that is not named, or holds
 * nothing of that kind, is null: the identity is then that of the content, as in any dialect.
 *
 * Limit: pointers go through objects. One that would go through an array finds nothing.
 */
import { knownType, otherType, typeOfTopic } from '../event-types.ts'
import { idAt, objectAt, textAt } from '../fields.ts'
import { genericMapping, type Pointer } from '../generic-mapping.ts'
import type { ObjectView } from '../json-view.ts'
import { findTime } from '../time.ts'
import type { DialectReader } from './dialect.ts'

export const generic: DialectReader = {
  dialect: 'generic',
  matches: (_, options) => options.generic !== undefined,
  read(value, { generic: mapping, eventTypes }) {
    const at = mapping ?? nowhere
    const topic = read(value, at.topic, textAt)
    const type = knownType(read(value, at.type, textAt), eventTypes)
    return {
      id: read(value, at.id, idAt),
      orgId: read(value, at.orgId, idAt),
      topic,
      eventType: type === otherType ? typeOfTopic(topic, null, eventTypes) : type,
      time: findTime(value, at.time),
      conversationId: read(value, at.conversationId, idAt),
    }
  },
}

const nowhere = genericMapping({})

function read(
  root: ObjectView,
  pointer: Pointer,
  member: (object: ObjectView | null, name: string) => string | null,
): string | null {
  const last = pointer.at(-1)
  if (last === undefined) return null
  let object: ObjectView | null = root
  for (const name of pointer.slice(0, -1)) object = objectAt(object, name)
  return member(object, last)
}
