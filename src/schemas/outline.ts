/**
 * A schema as it is walked beside a shape: what may stand at a place, and what lies below it.
 * References and alternatives are followed when a place is first asked for, so that schemas that
 * hold themselves have no end and cost nothing.
 *
 * Alternatives (`anyOf`, `oneOf`) are joined: what any of them allows is allowed.
 */
import { type Definitions, definitionOf, type JsonSchema } from './json-schema.ts'

export interface Outline {
  /** JSON Schema's names of types, or null where anything may stand. */
  readonly types: ReadonlySet<string> | null
  readonly required: ReadonlySet<string>
  /** False where nothing is said of what lies below. */
  readonly described: boolean
  /** Null where the schema does not know the member. */
  member(name: string): Outline | null
  /** Of every element; null where nothing is said of them. */
  readonly element: Outline | null
}

export function outlineOf(schema: JsonSchema, definitions: Definitions): Outline {
  return new JoinedOutline([schema], definitions)
}

class JoinedOutline implements Outline {
  readonly types: ReadonlySet<string> | null
  readonly required: ReadonlySet<string>
  readonly described: boolean
  readonly #alternatives: readonly JsonSchema[]
  readonly #definitions: Definitions
  readonly #members = new Map<string, Outline | null>()
  #element: Outline | null | undefined

  constructor(schemas: readonly JsonSchema[], definitions: Definitions) {
    const joined = join(schemas.map((one) => flatten(one, definitions, [])))
    const { alternatives } = joined
    this.#alternatives = alternatives
    this.#definitions = definitions
    this.required = joined.required
    this.types = typesOf(alternatives)
    this.described = alternatives.some(describes)
  }

  member(name: string): Outline | null {
    const known = this.#members.get(name)
    if (known !== undefined) return known
    const found = this.#below((one) => memberOf(one, name))
    // A member of a map may have any name: only what the schema names is worth remembering.
    if (this.#alternatives.some(({ properties }) => hasOwn(properties, name)))
      this.#members.set(name, found)
    return found
  }

  get element(): Outline | null {
    if (this.#element === undefined) this.#element = this.#below(({ items }) => items ?? null)
    return this.#element
  }

  #below(part: (schema: JsonSchema) => JsonSchema | null): Outline | null {
    const schemas = this.#alternatives.map(part).filter((one) => one !== null)
    return schemas.length === 0 ? null : new JoinedOutline(schemas, this.#definitions)
  }
}

interface Flat {
  readonly alternatives: readonly JsonSchema[]
  readonly required: ReadonlySet<string>
}

/** `trail` are the references that led here: one that leads to itself says nothing. */
function flatten(schema: JsonSchema, definitions: Definitions, trail: readonly string[]): Flat {
  const { $ref, allOf = [], anyOf = [], oneOf = [] } = schema
  if ($ref !== undefined) {
    const target = trail.includes($ref) ? null : definitionOf($ref, definitions)
    return target === null ? anything : flatten(target, definitions, [...trail, $ref])
  }
  const inner = (one: JsonSchema) => flatten(one, definitions, trail)
  const parts = [
    ...allOf.map(inner),
    ...[anyOf, oneOf].filter(isFilled).map((a) => join(a.map(inner))),
  ]
  const own = { alternatives: [schema], required: new Set(schema.required) }
  const saysNothing = schema.type === undefined && !describes(schema)
  if (parts.length === 0) return own
  const all = saysNothing ? parts : [own, ...parts]
  return {
    alternatives: all.flatMap(({ alternatives }) => alternatives),
    required: new Set([own, ...parts].flatMap(({ required }) => [...required])),
  }
}

const anything: Flat = { alternatives: [{}], required: new Set() }

/** Any of them may hold: what must be there must be there in each. */
function join(flats: readonly Flat[]): Flat {
  const [first, ...others] = flats
  const required = [...(first?.required ?? [])].filter((name) =>
    others.every((one) => one.required.has(name)),
  )
  return {
    alternatives: flats.flatMap(({ alternatives }) => alternatives),
    required: new Set(required),
  }
}

function typesOf(alternatives: readonly JsonSchema[]): ReadonlySet<string> | null {
  const types = alternatives.flatMap((one) => typesOfOne(one))
  return types.includes(any) ? null : new Set(types)
}

const any = 'any'

function typesOfOne(schema: JsonSchema): readonly string[] {
  const { type, properties, additionalProperties, items } = schema
  if (type !== undefined) return typeof type === 'string' ? [type] : type
  if (properties !== undefined || additionalProperties !== undefined) return ['object']
  if (items !== undefined) return ['array']
  return [any]
}

function describes({ properties, additionalProperties, items }: JsonSchema): boolean {
  const named = properties !== undefined && Object.keys(properties).length > 0
  const closed = additionalProperties === false
  return named || closed || typeof additionalProperties === 'object' || items !== undefined
}

function memberOf({ properties, additionalProperties: rest }: JsonSchema, name: string) {
  if (hasOwn(properties, name)) return properties?.[name] ?? null
  return typeof rest === 'object' ? rest : null
}

function hasOwn(properties: JsonSchema['properties'], name: string): boolean {
  return properties !== undefined && Object.hasOwn(properties, name)
}

function isFilled(schemas: readonly JsonSchema[]): boolean {
  return schemas.length > 0
}
