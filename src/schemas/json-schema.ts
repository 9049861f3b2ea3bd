/**
 * The part of JSON Schema that is kept of a schema: what a field is called, which type it has,
 * whether it must be there. Descriptions and bounds fall away, so that a version changes only when
 * what it says of a shape does.
 *
 * A document stands alone: what it refers to lies in its own `definitions`.
 */
import { hash } from 'node:crypto'

export interface JsonSchema {
  /** `#/definitions/<name>`. */
  readonly $ref?: string
  readonly type?: string | readonly string[]
  readonly format?: string
  readonly enum?: readonly unknown[]
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly required?: readonly string[]
  readonly items?: JsonSchema
  /** Of members that `properties` does not name; without it they are unknown. */
  readonly additionalProperties?: boolean | JsonSchema
  readonly allOf?: readonly JsonSchema[]
  readonly anyOf?: readonly JsonSchema[]
  readonly oneOf?: readonly JsonSchema[]
}

export type Definitions = Readonly<Record<string, JsonSchema>>

export interface SchemaDocument extends JsonSchema {
  readonly definitions?: Definitions
}

const prefix = '#/definitions/'

export function definitionRef(name: string): string {
  return `${prefix}${name}`
}

/** The definition that `ref` names; null where there is none. */
export function definitionOf(ref: string, definitions: Definitions): JsonSchema | null {
  const name = ref.slice(prefix.length)
  return ref.startsWith(prefix) && Object.hasOwn(definitions, name)
    ? (definitions[name] ?? null)
    : null
}

/** `schema` with those of `definitions` that it needs, and no others. */
export function standAlone(schema: JsonSchema, definitions: Definitions): SchemaDocument {
  const needed = new Map<string, JsonSchema>()
  const waiting: JsonSchema[] = [schema]
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (next.$ref !== undefined) {
      const name = next.$ref.slice(prefix.length)
      const found = definitionOf(next.$ref, definitions)
      if (found !== null && !needed.has(name)) {
        needed.set(name, found)
        waiting.push(found)
      }
    }
    waiting.push(...partsOf(next))
  }
  if (needed.size === 0) return schema
  return { ...schema, definitions: Object.fromEntries(needed) }
}

/** The schemas that stand directly in one. */
export function partsOf(schema: JsonSchema): JsonSchema[] {
  const { properties = {}, items, additionalProperties: rest } = schema
  const { allOf = [], anyOf = [], oneOf = [] } = schema
  return [
    ...Object.values(properties),
    ...(items === undefined ? [] : [items]),
    ...(typeof rest === 'object' ? [rest] : []),
    ...[allOf, anyOf, oneOf].flat(),
  ]
}

const HASH_DIGITS = 12

/** Of what the document says, in whatever order its members stand. */
export function contentHash(document: SchemaDocument): string {
  return hash('sha256', JSON.stringify(document, inOrder), 'hex').slice(0, HASH_DIGITS)
}

function inOrder(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
}
