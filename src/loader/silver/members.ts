/**
 * Which members the bodies of a slice have, and of what types: a mapping is narrowed to them. A
 * field that no body has costs as much to read and convert as one that every body has, and a value
 * whose type is known need not be asked for it.
 *
 * Guarantee: what is read by the narrowed route is what the route itself would read.
 */
import type { Field, Mapping, Route } from './mapping.ts'
import { mappings } from './mappings.ts'
import { common } from './read-mapping.ts'

/** A member of what mappings read, at its top, as DuckDB calls its type. */
export interface Member {
  readonly dialect: string
  readonly eventType: string
  readonly name: string
  readonly type: string
}

/** Names of members that fields begin with; any others need not be told. */
export const namesOfFields: ReadonlySet<string> = new Set(
  mappings.flatMap(({ fields }) => fields.flatMap(({ paths }) => paths.map(topName))),
)

/** Rows of a list are few, and are left as they are. */
export function narrowedTo(route: Route, members: readonly Member[]): Route {
  const { mapping, dialect } = route
  if (mapping.lists !== undefined) return route
  const types = new Map<string, Set<string>>()
  for (const { dialect: told, eventType, name, type } of members) {
    if (told !== dialect || !mapping.eventTypes.includes(eventType)) continue
    types.set(name, (types.get(name) ?? new Set()).add(type))
  }
  const fields = mapping.fields.flatMap((field) => narrowedField(field, { mapping, types }))
  const read = fields.length > 0 ? fields : mapping.fields.slice(0, 1)
  return { ...route, mapping: { ...mapping, fields: read } }
}

type Types = ReadonlyMap<string, ReadonlySet<string>>

function narrowedField(
  field: Field,
  { mapping, types }: { mapping: Mapping; types: Types },
): readonly Field[] {
  const paths = field.paths.filter((path) => types.has(topName(path)))
  if (paths.length === 0) return isNamed(field, mapping) ? [field] : []
  return [{ ...field, paths, as: conversionOf({ ...field, paths }, types) }]
}

/** By other columns, or one that has a value of its own where there is no field. */
function isNamed({ column }: Field, { computed = {}, checks = [] }: Mapping): boolean {
  const sql = [...Object.values(computed), ...checks.map(({ broken }) => broken)]
  const typed = `typed_${column}`
  return column in common || sql.some((one) => one.includes(typed) || one.includes(`raw_${column}`))
}

function conversionOf({ as, paths }: Field, types: Types): Field['as'] {
  if (paths.some((path) => path.includes('.'))) return as
  const seen = new Set(paths.flatMap((path) => [...(types.get(topName(path)) ?? [])]))
  const isOnly = (type: string) => [...seen].every((one) => one === type || one === 'NULL')
  const quick = (isOnly('VARCHAR') && as.ofText) || (isOnly('UBIGINT') && as.ofCount)
  return quick ? { ...as, quick } : as
}

function topName(path: string): string {
  const [first = ''] = path.split(/[.[]/, 1)
  return first
}
