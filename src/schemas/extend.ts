/**
 * The next version of a schema: the last one with what was seen and is approved. Pure.
 *
 * Only the places that are approved change: on the way there a shared definition is copied, so that
 * a field that is approved in one place does not become known in others.
 */
import {
  type Definitions,
  definitionOf,
  type JsonSchema,
  type SchemaDocument,
  standAlone,
} from './json-schema.ts'
import { joinSchemas, schemaSeen } from './observed.ts'
import { anyName, stepsOf } from './path.ts'

/** A deviation that was seen; one path may be seen with several types. */
export interface Seen {
  readonly path: string
  readonly rule: string
  readonly typeSeen: string | null
}

/**
 * What nothing can be made of (only null was seen, or a rule that is for values) changes nothing.
 */
export function extendSchema(document: SchemaDocument, seen: readonly Seen[]): SchemaDocument {
  const { definitions = {}, ...root } = document
  let schema: JsonSchema = root
  // What holds others comes first: its own members are added to what it is by then.
  const inOrder = [...seen].sort((a, b) => (a.path < b.path ? -1 : 1))
  for (const one of inOrder) {
    const change = changeOf(one)
    if (change !== null) schema = changed(schema, { steps: stepsOf(one.path), change, definitions })
  }
  return standAlone(schema, definitions)
}

/** What becomes of the schema that holds the last step. */
type Change = (holder: JsonSchema, last: string) => JsonSchema

function changeOf({ rule, typeSeen }: Seen): Change | null {
  if (rule === 'missing_required') return withoutRequired
  if (rule === 'null_required') return withoutRequired
  if (!['unknown_field', 'type_converted', 'type_changed'].includes(rule)) return null
  const found = typeSeen === null ? null : schemaSeen(typeSeen)
  if (found === null) return null
  if (rule === 'unknown_field') return (holder, last) => withMember(holder, last, found)
  return (holder, last) => withType(holder, last, found)
}

function withoutRequired(holder: JsonSchema, last: string): JsonSchema {
  const { required = [], ...rest } = holder
  const left = required.filter((name) => name !== last)
  return left.length === 0 ? rest : { ...rest, required: left }
}

interface Way {
  readonly steps: readonly string[]
  readonly change: Change
  readonly definitions: Definitions
}

/** As it is where the way leads nowhere. */
function changed(schema: JsonSchema, way: Way): JsonSchema {
  const { steps, change, definitions } = way
  const [step, ...others] = steps
  if (step === undefined) return schema
  const holder = inlined(schema, definitions)
  if (others.length === 0) return change(holder, step)
  const inner = memberOf(holder, step)
  if (inner !== undefined) return replaced(holder, step, changed(inner, { ...way, steps: others }))
  return changedAlternative(holder, way)
}

/** In the first of its parts that has the way. */
function changedAlternative(holder: JsonSchema, way: Way): JsonSchema {
  for (const keyword of ['allOf', 'anyOf', 'oneOf'] as const) {
    const parts = holder[keyword] ?? []
    for (const [index, part] of parts.entries()) {
      const before = inlined(part, way.definitions)
      const after = changed(before, way)
      if (after !== before) return { ...holder, [keyword]: parts.with(index, after) }
    }
  }
  return holder
}

/** What a reference stands for. */
function inlined(schema: JsonSchema, definitions: Definitions, depth = 0): JsonSchema {
  if (schema.$ref === undefined || depth > 16) return schema
  const target = definitionOf(schema.$ref, definitions)
  return target === null ? {} : inlined(target, definitions, depth + 1)
}

function memberOf({ properties, additionalProperties, items }: JsonSchema, step: string) {
  if (step === '[]') return items
  if (properties !== undefined && Object.hasOwn(properties, step)) return properties[step]
  return typeof additionalProperties === 'object' ? additionalProperties : undefined
}

function replaced(holder: JsonSchema, step: string, member: JsonSchema): JsonSchema {
  if (step === '[]') return { ...holder, items: member }
  const isNamed = holder.properties !== undefined && Object.hasOwn(holder.properties, step)
  if (step === anyName || (!isNamed && typeof holder.additionalProperties === 'object'))
    return { ...holder, additionalProperties: member }
  return { ...holder, properties: { ...holder.properties, [step]: member } }
}

/** Of a name that is not told, any member. */
function withMember(holder: JsonSchema, last: string, seen: JsonSchema): JsonSchema {
  const { properties = {}, additionalProperties: rest } = holder
  if (last === anyName) {
    const before = typeof rest === 'object' ? rest : undefined
    return { ...holder, additionalProperties: joined(before, seen) }
  }
  const before = Object.hasOwn(properties, last) ? properties[last] : undefined
  return { ...holder, properties: { ...properties, [last]: joined(before, seen) } }
}

/** Where values of several types were seen at once, no type is left to hold them against. */
function withType(holder: JsonSchema, last: string, seen: JsonSchema): JsonSchema {
  const allowsAll = Object.keys(seen).length === 0
  return replaced(holder, last, allowsAll ? seen : joined(memberOf(holder, last), seen))
}

function joined(before: JsonSchema | undefined, seen: JsonSchema): JsonSchema {
  if (before === undefined) return seen
  return before.$ref === undefined ? joinSchemas(before, seen) : { anyOf: [before, seen] }
}
