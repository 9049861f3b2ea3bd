/**
 * The shape of a body: what DuckDB's `json_structure` says of it. Names stay, values become their
 * types: `{"a":1,"b":["x"]}` is `{"a":"UBIGINT","b":["VARCHAR"]}`.
 *
 * Found by experiment with DuckDB 1.5, and what the judge rests on:
 * - an empty object and a value of several types (elements that differ, a key that is repeated) are
 *   both `JSON`: nothing can be said of either
 * - elements of a list are joined: a member that only some elements have looks like one of all
 * - an empty list is `["NULL"]`
 */
import { isArray, isObject, type JsonValue, parseJson } from '../event/json.ts'
import { shownName } from './path.ts'

/** As JSON Schema calls types; `unclear` for what DuckDB cannot say. */
export type Kind =
  | 'string'
  | 'integer'
  | 'number'
  | 'boolean'
  | 'null'
  | 'array'
  | 'object'
  | 'unclear'

const kinds: ReadonlyMap<string, Kind> = new Map([
  ['VARCHAR', 'string'],
  ['UBIGINT', 'integer'],
  ['BIGINT', 'integer'],
  ['HUGEINT', 'integer'],
  ['UHUGEINT', 'integer'],
  ['DOUBLE', 'number'],
  ['BOOLEAN', 'boolean'],
  ['NULL', 'null'],
])

/** A shape that was read: an object, a list of one, or the name of a type. */
export type Shape = JsonValue

/** Undefined where the text is no JSON. */
export function readShape(text: string): Shape | undefined {
  return parseJson(text)
}

export function kindOf(shape: Shape): Kind {
  if (typeof shape === 'string') return kinds.get(shape) ?? 'unclear'
  if (typeof shape !== 'object' || shape === null) return 'unclear'
  return Array.isArray(shape) ? 'array' : 'object'
}

const MOST_SEEN = 1024

/**
 * What a deviation tells of a shape: `VARCHAR`, `["UBIGINT"]`, `{"step":"UBIGINT"}`; where that
 * would be long, `OBJECT` or `ARRAY`. Names that may tell a person are `*`, as in paths.
 */
export function typeSeen(shape: Shape): string {
  if (typeof shape === 'string') return kinds.has(shape) ? shape : 'JSON'
  const told = toldShape(shape, { left: MOST_SEEN })
  if (told !== null) return JSON.stringify(told)
  return kindOf(shape) === 'array' ? 'ARRAY' : 'OBJECT'
}

/** The same for people, by the words of JSON Schema: `{step: integer}`. */
export function shapeText(typeSeen: string): string {
  if (typeSeen === 'OBJECT' || typeSeen === 'ARRAY') return typeSeen.toLowerCase()
  const read = readShape(typeSeen)
  return textOf(typeof read === 'object' && read !== null ? read : typeSeen)
}

function textOf(shape: Shape): string {
  if (isArray(shape)) return `[${textOf(shape[0] ?? 'NULL')}]`
  if (!isObject(shape)) return kinds.get(String(shape)) ?? String(shape)
  const members = Object.entries(shape).map(([name, inner]) => `${name}: ${textOf(inner)}`)
  return `{${members.join(', ')}}`
}

/** Null where it would take more than is left. */
function toldShape(shape: Shape, room: { left: number }): Shape | null {
  const kind = kindOf(shape)
  if (isArray(shape)) {
    room.left -= 2
    const element = toldShape(shape[0] ?? 'NULL', room)
    return element === null ? null : [element]
  }
  if (isObject(shape)) {
    const members = new Map<string, Shape>()
    for (const [name, inner] of Object.entries(shape)) {
      const shown = shownName(name)
      room.left -= shown.length + 4
      const told = room.left < 0 ? null : toldShape(inner, room)
      if (told === null) return null
      members.set(shown, told)
    }
    return Object.fromEntries(members)
  }
  const name = kind === 'unclear' ? 'JSON' : String(shape)
  room.left -= name.length + 2
  return room.left < 0 ? null : name
}
