/**
 * Where the fields of a mapping stand: the structs that a body is read as, level by level.
 *
 * `level_0` is the struct of the root, read from the body at once; `level_1` that of an element of
 * the first list, read from `source_1`, its own JSON; and so on. So nothing is asked of a body for
 * each of its elements: time is linear in its length.
 */
import { literal } from '../../lake/sql/quote.ts'
import type { Mapping, Route } from './mapping.ts'

type Shape = { [member: string]: Shape | string | readonly string[] }

const valueOfMember = '*'

/** How many lists lead to a path. */
function levelOf(path: string): number {
  return path.split('[].').length - 1 + (path.endsWith(valueOfMember) ? 1 : 0)
}

/** The members from the struct of the level on. */
function withinLevel(path: string): string {
  return path.endsWith(valueOfMember) ? 'value' : (path.split('[].').at(-1) ?? '')
}

/** SQL on the batch for the struct of the root. */
export function rootStruct({ mapping, root }: Route): string {
  return readAt(root, shapeOf(mapping, 0))
}

/** SQL on `body` for what stands at `root`, read as `shape`. */
export function readAt(root: string, shape: Shape | string): string {
  const names = root === '' ? [] : root.split('.')
  const whole = names.reduceRight((inner, name) => ({ [name]: inner }), shape)
  const read = `from_json(body, ${literal(JSON.stringify(whole))})`
  return names.reduce((sql, name) => `struct_extract(${sql}, ${literal(name)})`, read)
}

/**
 * A query for the elements of a list as rows, `from` the level above: one for a list that is empty
 * or none. Of a list that is longer the first `mostElements` are read.
 */
export function listRows(route: Route, list: string, from: string): string {
  const level = levelOf(list.endsWith('[]') ? `${list}.` : list)
  const isMap = list.endsWith(valueOfMember)
  const found = elements(route, list)
  const all = `CASE WHEN len(${found}) > 0 THEN ${found}[1:${mostElements}] ELSE [NULL] END`
  const each = `SELECT *, unnest(${all}) AS element_${level},
    unnest(range(1, least(greatest(len(${all}), 1), ${mostElements}) + 1)) AS index_${level}
  FROM ${from}`
  const own = isMap
    ? `element_${level} AS level_${level}, NULL AS source_${level}, element_${level}.key AS key`
    : `from_json(element_${level}, ${literal(JSON.stringify(shapeOf(route.mapping, level)))})
      AS level_${level}, element_${level} AS source_${level}`
  return `SELECT * EXCLUDE (element_${level}), ${own} FROM (${each})`
}

export const mostElements = 10_000

/** SQL for the elements of a list, as a list. */
export function elements(route: Route, list: string): string {
  const found = valueAt(route, list.slice(0, -2))
  return list.endsWith(valueOfMember) ? `map_entries(${found})` : found
}

/** SQL for what stands at a path. */
export function valueAt(route: Route, path: string): string {
  const level = levelOf(path)
  if (path.endsWith(valueOfMember)) return `level_${level}.value`
  if (isRespelt(route.mapping, path)) return respeltAt(route, path)
  return withinLevel(path)
    .split('.')
    .reduce((sql, name) => `struct_extract(${sql}, ${literal(name)})`, `level_${level}`)
}

/**
 * True for `wrapUpCode` after `wrapupCode`: DuckDB takes them for one name, which a struct can have
 * once. They are rare, and read where the text shows that they are there.
 */
function isRespelt({ fields }: Mapping, path: string): boolean {
  const all = fields.flatMap(({ paths }) => paths)
  const first = all.find((one) => one.toLowerCase() === path.toLowerCase())
  return first !== undefined && first !== path
}

function respeltAt(route: Route, path: string): string {
  const key = JSON.stringify(path.split('.').at(-1))
  const { source, within } = placeOf(route, path)
  return `CASE WHEN contains(${source}, ${literal(key)})
    THEN json_extract_string(${source}, ${within}) END`
}

function placeOf({ root }: Route, path: string): { source: string; within: string } {
  const level = levelOf(path)
  const names = [level === 0 ? root : '', withinLevel(path)].filter((name) => name !== '')
  return {
    source: level === 0 ? 'body' : `source_${level}`,
    within: literal(['$', ...names].join('.')),
  }
}

/** SQL for the JSON type of what stands at a path, as DuckDB calls it. */
export function typeAt(route: Route, path: string): string {
  if (path.endsWith(valueOfMember)) return guessedType(`level_${levelOf(path)}.value`)
  const { source, within } = placeOf(route, path)
  return `json_type(${source}, ${within})`
}

/** Of the text that `from_json` made of a value: a key that it stood at may hold anything. */
const guessedType = (text: string) => `CASE WHEN starts_with(${text}, '{') THEN 'OBJECT'
  WHEN starts_with(${text}, '[') THEN 'ARRAY' WHEN ${text} IN ('true', 'false') THEN 'BOOLEAN'
  WHEN regexp_matches(${text}, '^-?[0-9]') THEN 'DOUBLE' ELSE 'VARCHAR' END`

/** What the struct of a level is made of: fields, and lists that lead to the next. */
function shapeOf(mapping: Mapping, level: number): Shape {
  const { fields, lists = [] } = mapping
  const shape: Shape = {}
  const isMember = (path: string) =>
    levelOf(path) === level && !path.endsWith(valueOfMember) && !isRespelt(mapping, path)
  for (const { paths, as } of fields) {
    for (const path of paths.filter(isMember))
      put(shape, withinLevel(path).split('.'), as.json ? 'JSON' : 'VARCHAR')
  }
  for (const list of lists) {
    const isMap = list.endsWith(valueOfMember)
    const path = list.slice(0, -2)
    if (levelOf(path) === level)
      put(shape, withinLevel(path).split('.'), isMap ? 'MAP(VARCHAR, VARCHAR)' : ['JSON'])
  }
  return shape
}

function put(
  shape: Shape,
  [name = '', ...rest]: readonly string[],
  type: string | readonly string[],
): void {
  if (rest.length === 0) {
    shape[name] = type
    return
  }
  const inner = shape[name] ?? {}
  if (typeof inner === 'string' || isTypes(inner))
    throw new TypeError(`"${name}" is read whole and in part`)
  shape[name] = inner
  put(inner, rest, type)
}

const isTypes = (shape: Shape | readonly string[]): shape is readonly string[] =>
  Array.isArray(shape)

export interface Container {
  readonly path: string
  /** What it has to be, as DuckDB calls it. */
  readonly type: 'OBJECT' | 'ARRAY'
  /** SQL for what it is. */
  readonly typeSeen: string
  /** True for the path of a field that stands in it. */
  holds(path: string): boolean
}

/** Where fields stand: objects and lists that a body may have something else in place of. */
export function containers(route: Route): Container[] {
  const found = new Map<string, Container>()
  const add = (path: string, type: Container['type'], typeSeen: string) => {
    const holds = (one: string) => path === '' || one.startsWith(`${path}.`)
    found.set(`${path} ${type}`, { path: path === '' ? route.root : path, type, typeSeen, holds })
  }
  if (route.root !== '') add('', 'OBJECT', typeAt(route, ''))
  for (const path of route.mapping.fields.flatMap(({ paths }) => paths)) {
    const names = path.split('.')
    for (let length = 1; length < names.length; length++) {
      const outer = names.slice(0, length).join('.')
      if (!outer.endsWith('[]')) add(outer, 'OBJECT', typeAt(route, outer))
      else {
        add(outer, 'ARRAY', typeAt(route, outer.slice(0, -2)))
        add(outer, 'OBJECT', `json_type(source_${levelOf(`${outer}.`)})`)
      }
    }
  }
  return [...found.values()]
}
