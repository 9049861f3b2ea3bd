/**
 * Takes in a JSON Schema that somebody else wrote and keeps of it what the registry reads.
 *
 * Understands `definitions` and `$defs`, references to them, to `#` and to the `id` or `$id` of any
 * schema in the document: the topics of Genesys refer to `urn:jsonschema:...`. Keywords that say
 * nothing of a shape fall away; a type that is none (`any`) allows anything, and so does a
 * reference that leads nowhere. Never throws.
 */
import { isArray, isObject, type JsonObject, type JsonValue } from '../event/json.ts'
import { definitionRef, type JsonSchema, type SchemaDocument, standAlone } from './json-schema.ts'

/** Deeper schemas describe no event that is ever judged. */
const MOST_DEPTH = 128

/** Null where it is no schema at all. */
export function normaliseSchema(value: JsonValue | undefined): SchemaDocument | null {
  if (!isObject(value)) return null
  const names = new Map<string, string>()
  const found = new Map<string, JsonObject>()
  const define = (name: string, schema: JsonObject, ref: string) => {
    if (!found.has(name)) found.set(name, schema)
    names.set(ref, name)
  }
  eachSchema(value, 0, (schema) => {
    const id = schema['$id'] ?? schema['id']
    if (typeof id === 'string' && id !== '') define(id, schema, id)
  })
  for (const keyword of ['definitions', '$defs']) {
    const definitions = value[keyword]
    if (!isObject(definitions)) continue
    for (const [name, schema] of Object.entries(definitions))
      if (isObject(schema)) define(name, schema, `#/${keyword}/${name}`)
  }
  define('#', value, '#')
  const take = (schema: JsonObject) => taken(schema, names, 0)
  const definitions = Object.fromEntries([...found].map(([name, schema]) => [name, take(schema)]))
  return standAlone(take(value), definitions)
}

function eachSchema(schema: JsonObject, depth: number, visit: (schema: JsonObject) => void) {
  if (depth > MOST_DEPTH) return
  visit(schema)
  for (const keyword of ['items', 'additionalProperties'])
    if (isObject(schema[keyword])) eachSchema(schema[keyword], depth + 1, visit)
  for (const keyword of ['properties', 'definitions', '$defs'])
    for (const inner of Object.values(objectOf(schema[keyword])))
      if (isObject(inner)) eachSchema(inner, depth + 1, visit)
  for (const keyword of alternatives)
    for (const inner of listOf(schema[keyword]))
      if (isObject(inner)) eachSchema(inner, depth + 1, visit)
}

const alternatives = ['allOf', 'anyOf', 'oneOf'] as const
const types = new Set(['string', 'integer', 'number', 'boolean', 'null', 'array', 'object'])

function taken(schema: JsonObject, names: ReadonlyMap<string, string>, depth: number): JsonSchema {
  if (depth > MOST_DEPTH) return {}
  const inner = (value: JsonValue): JsonSchema =>
    isObject(value) ? taken(value, names, depth + 1) : {}
  const ref = schema['$ref']
  if (typeof ref === 'string') {
    const name = names.get(ref)
    return name === undefined ? {} : { $ref: definitionRef(name) }
  }
  const { items, additionalProperties: rest, properties, required } = schema
  const type = typeOf(schema)
  const mustBe = listOf(required).filter((name) => typeof name === 'string')
  const combined = alternatives.flatMap((keyword) => {
    const schemas = listOf(schema[keyword]).map(inner)
    return schemas.length === 0 ? [] : [[keyword, schemas] as const]
  })
  return {
    ...(type !== null && { type }),
    ...(typeof schema['format'] === 'string' && { format: schema['format'] }),
    ...(isArray(schema['enum']) && { enum: schema['enum'] }),
    ...(isObject(properties) && {
      properties: Object.fromEntries(
        Object.entries(properties).map(([name, value]) => [name, inner(value)]),
      ),
    }),
    ...(mustBe.length > 0 && { required: mustBe }),
    ...(isObject(items) && { items: inner(items) }),
    ...(isObject(rest) && { additionalProperties: inner(rest) }),
    ...(typeof rest === 'boolean' && { additionalProperties: rest }),
    ...Object.fromEntries(combined),
  }
}

function typeOf({ type, nullable }: JsonObject): string | readonly string[] | null {
  const named = (isArray(type) ? type : [type]).filter((one) => typeof one === 'string')
  if (named.length === 0 || named.some((one) => !types.has(one))) return null
  const all = nullable === true ? [...new Set([...named, 'null'])] : named
  return all.length === 1 ? (all[0] ?? null) : all
}

function objectOf(value: JsonValue | undefined): JsonObject {
  return isObject(value) ? value : {}
}

function listOf(value: JsonValue | undefined): readonly JsonValue[] {
  return isArray(value) ? value : []
}
