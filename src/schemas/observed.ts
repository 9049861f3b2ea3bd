/** Makes schemas out of what was seen: of the shape of a body, and of several together. */
import { isArray, isObject } from '../event/json.ts'
import { type JsonSchema, partsOf } from './json-schema.ts'
import { anyName } from './path.ts'
import { kindOf, readShape, type Shape } from './shape.ts'

/**
 * The schema of what a deviation tells as `typeSeen`; null where only null was seen, of which
 * nothing can be said. What was told by its kind alone has no members that are known.
 */
export function schemaSeen(typeSeen: string): JsonSchema | null {
  if (typeSeen === 'OBJECT') return { type: 'object', additionalProperties: false }
  if (typeSeen === 'ARRAY') return { type: 'array' }
  const read = readShape(typeSeen)
  return schemaOfShape(typeof read === 'object' && read !== null ? read : typeSeen)
}

export function schemaOfShape(shape: Shape): JsonSchema | null {
  if (isArray(shape)) {
    const items = schemaOfShape(shape[0] ?? 'NULL')
    return { type: 'array', ...(items !== null && { items }) }
  }
  if (isObject(shape)) {
    const seen = Object.entries(shape).map(([name, inner]) => [name, schemaOfShape(inner)] as const)
    const named = seen.flatMap(([name, one]) =>
      one === null || name === anyName ? [] : [[name, one] as const],
    )
    const rest = seen.find(([name]) => name === anyName)?.[1] ?? false
    return {
      type: 'object',
      ...(named.length > 0 && { properties: Object.fromEntries(named) }),
      additionalProperties: rest,
    }
  }
  const kind = kindOf(shape)
  if (kind === 'null') return null
  return kind === 'unclear' ? {} : { type: kind }
}

/**
 * What either allows; of what shapes do not show, such as a format, what `a` says. A schema that
 * says nothing gives way to one that says something.
 */
export function joinSchemas(a: JsonSchema, b: JsonSchema): JsonSchema {
  if (saysNothing(a)) return b
  if (saysNothing(b)) return a
  const types = new Set([a.type ?? [], b.type ?? []].flat())
  if (types.has('number')) types.delete('integer')
  const items = joinOptional(a.items, b.items)
  const properties = joinProperties(a.properties, b.properties)
  const rest = joinOptional(openMembers(a), openMembers(b))
  const { type: _, additionalProperties: __, ...kept } = a
  const [only, ...others] = types
  return {
    ...kept,
    ...(only !== undefined && { type: others.length === 0 ? only : [only, ...others] }),
    ...(properties !== undefined && { properties }),
    ...(items !== undefined && { items }),
    ...(types.has('object') && { additionalProperties: rest ?? false }),
  }
}

function saysNothing(schema: JsonSchema): boolean {
  return schema.type === undefined && schema.enum === undefined && partsOf(schema).length === 0
}

function openMembers({ additionalProperties: rest }: JsonSchema): JsonSchema | undefined {
  return typeof rest === 'object' ? rest : undefined
}

function joinOptional(a: JsonSchema | undefined, b: JsonSchema | undefined) {
  return a === undefined || b === undefined ? (a ?? b) : joinSchemas(a, b)
}

function joinProperties(a: JsonSchema['properties'], b: JsonSchema['properties']) {
  if (a === undefined || b === undefined) return a ?? b
  const names = new Set([...Object.keys(a), ...Object.keys(b)])
  const joined = [...names].map((name) => [name, joinOptional(own(a, name), own(b, name)) ?? {}])
  return Object.fromEntries(joined) as Readonly<Record<string, JsonSchema>>
}

function own(properties: Readonly<Record<string, JsonSchema>>, name: string) {
  return Object.hasOwn(properties, name) ? properties[name] : undefined
}
