/**
 * Where the fields of a mapping stand: the structs that a body is read as, level by level.
 *
 * `level_0` is the struct of the root, read from the body at once; `level_1` that of an element of
 * the first list, read from `source_1`, its own JSON; and so on. So nothing is asked of a body for
 * each of its elements: time is linear in its length.
 */
import { literal } from '../../lake/sql/quote.ts'
import type { Mapping } from './mapping.ts'

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
export function rootStruct(mapping: Mapping): string {
  const shape = shapeOf(mapping, 0)
  const cases = Object.entries(mapping.roots).map(([dialect, root]) => {
    const names = root === '' ? [] : root.split('.')
    const whole = names.reduceRight<Shape>((inner, name) => ({ [name]: inner }), shape)
    const read = `from_json(body, ${literal(JSON.stringify(whole))})`
    return [literal(dialect), root === '' ? read : membersOf(read, root)] as const
  })
  const [only] = cases
  if (cases.length === 1 && only !== undefined) return only[1]
  return `CASE dialect ${cases.map(([name, read]) => `WHEN ${name} THEN ${read}`).join(' ')} END`
}

/**
 * A query for the elements of a list as rows, `from` the level above: one for a list that is empty
 * or none. Of a list that is longer the first `mostElements` are read.
 */
export function listRows(mapping: Mapping, list: string, from: string): string {
  const level = levelOf(list.endsWith('[]') ? `${list}.` : list)
  const isMap = list.endsWith(valueOfMember)
  const found = elements(list)
  const all = `CASE WHEN len(${found}) > 0 THEN ${found}[1:${mostElements}] ELSE [NULL] END`
  const each = `SELECT *, unnest(${all}) AS element_${level},
    unnest(range(1, least(greatest(len(${all}), 1), ${mostElements}) + 1)) AS index_${level}
  FROM ${from}`
  const own = isMap
    ? `element_${level} AS level_${level}, NULL AS source_${level}, element_${level}.key AS key`
    : `from_json(element_${level}, ${literal(JSON.stringify(shapeOf(mapping, level)))})
      AS level_${level}, element_${level} AS source_${level}`
  return `SELECT * EXCLUDE (element_${level}), ${own} FROM (${each})`
}

export const mostElements = 10_000

/** SQL for the elements of a list, as a list. */
export function elements(list: string): string {
  if (list.endsWith(valueOfMember)) return `map_entries(${valueAt(list.slice(0, -2))})`
  return valueAt(list.slice(0, -2))
}

/** SQL for what stands at a path. */
export function valueAt(path: string): string {
  return membersOf(`level_${levelOf(path)}`, withinLevel(path))
}

/** SQL for the JSON type of what stands at a path, as DuckDB calls it. */
export function typeAt(path: string): string {
  const level = levelOf(path)
  const within = withinLevel(path)
  if (level === 0) return `json_type(body, ${rootPath(within)})`
  if (path.endsWith(valueOfMember)) return guessedType(valueAt(path))
  return `json_type(source_${level}, ${literal(within === '' ? '$' : `$.${within}`)})`
}

const rootPath = (path: string) =>
  `concat('$', CASE WHEN root = '' THEN '' ELSE '.' || root END, ${literal(path && `.${path}`)})`

/** Of the text that `from_json` made of a value: a key that it stood at may hold anything. */
const guessedType = (text: string) => `CASE WHEN starts_with(${text}, '{') THEN 'OBJECT'
  WHEN starts_with(${text}, '[') THEN 'ARRAY' WHEN ${text} IN ('true', 'false') THEN 'BOOLEAN'
  WHEN regexp_matches(${text}, '^-?[0-9]') THEN 'DOUBLE' ELSE 'VARCHAR' END`

function membersOf(struct: string, path: string): string {
  if (path === '') return struct
  return path.split('.').reduce((sql, name) => `struct_extract(${sql}, ${literal(name)})`, struct)
}

/** What the struct of a level is made of: fields, and lists that lead to the next. */
function shapeOf({ fields, lists = [] }: Mapping, level: number): Shape {
  const shape: Shape = {}
  for (const { paths, as } of fields) {
    for (const path of paths.filter((one) => levelOf(one) === level && !one.endsWith('*')))
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
export function containers({ roots, fields }: Mapping): Container[] {
  const found = new Map<string, Container>()
  const add = (path: string, type: Container['type'], typeSeen: string) => {
    const holds = (one: string) => path === '' || one.startsWith(`${path}.`)
    found.set(`${path} ${type}`, { path, type, typeSeen, holds })
  }
  if (!Object.values(roots).includes('')) add('', 'OBJECT', typeAt(''))
  for (const path of fields.flatMap(({ paths }) => paths)) {
    const names = path.split('.')
    for (let length = 1; length < names.length; length++) {
      const outer = names.slice(0, length).join('.')
      if (!outer.endsWith('[]')) add(outer, 'OBJECT', typeAt(outer))
      else {
        add(outer, 'ARRAY', typeAt(outer.slice(0, -2)))
        add(outer, 'OBJECT', `json_type(source_${levelOf(`${outer}.`)})`)
      }
    }
  }
  return [...found.values()]
}
