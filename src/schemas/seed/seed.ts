/** What Inlet knows from the start: the official topics, the Analytics record and the guides. */
import { definitionRef, type JsonSchema, type SchemaDocument, standAlone } from '../json-schema.ts'
import { guideSchemas } from './guides.ts'
import official from './topics.json' with { type: 'json' }

/** A schema for each topic, under the names of ../topic.ts. */
export type SchemaSeed = ReadonlyMap<string, SchemaDocument>

export function builtInSeed(): SchemaSeed {
  const definitions: Readonly<Record<string, JsonSchema>> = official.definitions
  const topics = Object.entries(official.topics).map(([topic, name]): [string, SchemaDocument] => [
    topic,
    standAlone({ $ref: definitionRef(name) }, definitions),
  ])
  return new Map([...topics, ...Object.entries(guideSchemas)])
}
