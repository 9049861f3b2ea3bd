/**
 * The schemas that a Genesys organisation itself tells: the answer of
 * `GET /api/v2/notifications/availabletopics?expand=schema`, `{"entities":[{"id","schema"}]}`,
 * where `id` is a topic template and `schema` describes the body of its events.
 */
import { isArray, isObject, type JsonValue } from '../event/json.ts'
import type { SchemaDocument } from './json-schema.ts'
import { normaliseSchema } from './normalise.ts'

/** By topic template, of those that come with a schema. Null where it is no such answer. */
export function readAvailableTopics(
  answer: JsonValue | undefined,
): ReadonlyMap<string, SchemaDocument> | null {
  const entities = isObject(answer) ? answer['entities'] : undefined
  if (!isArray(entities)) return null
  const found = new Map<string, SchemaDocument>()
  for (const entity of entities) {
    if (!isObject(entity)) continue
    const { id, schema } = entity
    const document = normaliseSchema(schema)
    if (typeof id === 'string' && document !== null && saysSomething(document))
      found.set(id, document)
  }
  return found
}

function saysSomething(document: SchemaDocument): boolean {
  return Object.keys(document).length > 0
}
