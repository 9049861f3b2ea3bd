/**
 * How one schema of a topic differs from another, field by field. Pure.
 *
 * Compatible is what leaves every value readable that was: more fields, types that can be read as
 * those before, less that must be there. Incompatible is the rest: a field that is gone, a type
 * that cannot be read as before, more that must be there than events of yesterday may have.
 */

import { definitionOf, type JsonSchema, type SchemaDocument } from './json-schema.ts'
import { isReadable } from './judge.ts'
import { anyName, elementPath } from './path.ts'

export interface SchemaChange {
  readonly path: string
  readonly change: 'added' | 'removed' | 'type' | 'required' | 'optional'
  readonly compatible: boolean
  /** Types, where these changed: `string` or `string or null`; `anything` for all. */
  readonly before: string | null
  readonly after: string | null
}

/** By path; of a field that came or went, nothing of what lies below it. */
export function compareSchemas(before: SchemaDocument, after: SchemaDocument): SchemaChange[] {
  const [old, young] = [fieldsOf(before), fieldsOf(after)]
  const paths = [...new Set([...old.keys(), ...young.keys()])].sort()
  const oneSided = (path: string) => old.has(path) !== young.has(path)
  return paths.flatMap((path) => {
    const [was, is] = [old.get(path), young.get(path)]
    if (was !== undefined && is !== undefined) return changesOf(path, was, is)
    const holder = (is ?? was)?.holder ?? null
    if (holder !== null && oneSided(holder)) return []
    return is === undefined ? [gone(path, was)] : [added(path, is)]
  })
}

interface Field {
  /** The path of what holds it; null for the body. */
  readonly holder: string | null
  readonly types: Set<string>
  required: boolean
}

const anything = 'anything'

function added(path: string, { types, required }: Field): SchemaChange {
  const after = typesText(types)
  return { path, change: 'added', compatible: !required, before: null, after }
}

function gone(path: string, was: Field | undefined): SchemaChange {
  const before = was === undefined ? null : typesText(was.types)
  return { path, change: 'removed', compatible: false, before, after: null }
}

function changesOf(path: string, was: Field, is: Field): SchemaChange[] {
  const changes: SchemaChange[] = []
  const [before, after] = [typesText(was.types), typesText(is.types)]
  if (before !== after) {
    const compatible = [...is.types].every((type) => isReadable(type, was.types))
    changes.push({ path, change: 'type', compatible, before, after })
  }
  if (was.required !== is.required) {
    const change = is.required ? 'required' : 'optional'
    changes.push({ path, change, compatible: !is.required, before: null, after: null })
  }
  return changes
}

function typesText(types: ReadonlySet<string>): string {
  return types.has(anything) ? anything : [...types].sort().join(' or ')
}

/** Every field that a document names; one that holds itself is followed once. */
function fieldsOf(document: SchemaDocument): ReadonlyMap<string, Field> {
  const { definitions = {} } = document
  const fields = new Map<string, Field>()
  const visit = (schema: JsonSchema, at: At) => {
    const { $ref } = schema
    if ($ref !== undefined) {
      const target = at.trail.includes($ref) ? null : definitionOf($ref, definitions)
      if (target !== null) visit(target, { ...at, trail: [...at.trail, $ref] })
      return
    }
    note(fields, schema, at)
    for (const part of [schema.allOf, schema.anyOf, schema.oneOf].flatMap((one) => one ?? []))
      visit(part, at)
    for (const [path, inner, required] of below(schema, at.path))
      visit(inner, { path, holder: at.path, required, trail: at.trail })
  }
  visit(document, { path: '', holder: null, required: false, trail: [] })
  return fields
}

interface At {
  readonly path: string
  readonly holder: string | null
  readonly required: boolean
  readonly trail: readonly string[]
}

function note(fields: Map<string, Field>, schema: JsonSchema, { path, holder, required }: At) {
  const field = fields.get(path) ?? { holder, types: new Set<string>(), required }
  for (const type of typesOf(schema)) field.types.add(type)
  field.required ||= required
  fields.set(path, field)
}

function typesOf(schema: JsonSchema): readonly string[] {
  const { type, properties, items, allOf, anyOf, oneOf } = schema
  if (type !== undefined) return typeof type === 'string' ? [type] : type
  if (properties !== undefined) return ['object']
  if (items !== undefined) return ['array']
  return (allOf ?? anyOf ?? oneOf) ? [] : [anything]
}

type Below = readonly [path: string, schema: JsonSchema, required: boolean]

function below({ properties, additionalProperties, items, required }: JsonSchema, path: string) {
  const members = Object.entries(properties ?? {}).map(
    ([name, schema]): Below => [join(path, name), schema, required?.includes(name) === true],
  )
  const rest: Below[] =
    typeof additionalProperties === 'object'
      ? [[join(path, anyName), additionalProperties, false]]
      : []
  const element: Below[] = items === undefined ? [] : [[elementPath(path), items, false]]
  return [...members, ...rest, ...element]
}

/** Names of a schema are no secret: they are told as they are. */
function join(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`
}
