/**
 * Holds the shape of a body against a schema. Pure and deterministic: what deviates is told in the
 * order of the shape, and never with a value.
 *
 * Limits: what a shape does not show is not judged: words of an enumeration, bounds, whether a text
 * holds the number that belongs there. Below `MOST_DEPTH` levels nothing is looked at, and of more
 * than `MOST_DEVIATIONS` the last says that there are more.
 */
import { isArray, isObject, type JsonObject } from '../event/json.ts'
import type { Outline } from './outline.ts'
import { elementPath, memberPath, rootPath } from './path.ts'
import type { Rule } from './rules.ts'
import { type Kind, kindOf, readShape, type Shape, typeSeen } from './shape.ts'

export interface Deviation {
  /** `participants[].name`; names that may tell a person are `*`. */
  readonly path: string
  readonly rule: Rule
  /** DuckDB's name of the type, or the shape of what holds more; null where nothing is there. */
  readonly typeSeen: string | null
}

const MOST_DEVIATIONS = 64
/** Of shapes that DuckDB gives: deeper bodies do not reach it. */
const MOST_DEPTH = 512

/** Nothing deviates where the text is no shape. */
export function judgeShape(outline: Outline, shapeText: string): readonly Deviation[] {
  const shape = readShape(shapeText)
  if (shape === undefined) return []
  const found = new Findings()
  visit(outline, { shape, path: rootPath, depth: 0 }, found)
  return found.list
}

/** Each told once, though places whose names are not told may deviate in the same way. */
class Findings {
  readonly list: Deviation[] = []
  readonly #told = new Set<string>()

  get full(): boolean {
    return this.list.length >= MOST_DEVIATIONS
  }

  add(deviation: Deviation): void {
    const key = JSON.stringify(deviation)
    if (this.full || this.#told.has(key)) return
    this.#told.add(key)
    const last = this.list.length === MOST_DEVIATIONS - 1
    this.list.push(
      last ? { path: rootPath, rule: 'further_deviations', typeSeen: null } : deviation,
    )
  }
}

interface Place {
  readonly shape: Shape
  readonly path: string
  readonly depth: number
}

function visit(outline: Outline, place: Place, found: Findings): void {
  const { shape, path, depth } = place
  if (found.full || depth > MOST_DEPTH) return
  const fit = fitOf(outline, kindOf(shape))
  if (fit !== 'fits') {
    found.add({ path, rule: fit, typeSeen: typeSeen(shape) })
    return
  }
  if (isObject(shape)) visitMembers(outline, { shape, path, depth }, found)
  if (isArray(shape) && outline.element !== null) {
    const element = { shape: shape[0] ?? 'NULL', path: elementPath(path), depth: depth + 1 }
    visit(outline.element, element, found)
  }
}

function visitMembers(
  outline: Outline,
  { shape, path, depth }: Place & { readonly shape: JsonObject },
  found: Findings,
): void {
  for (const name of outline.required)
    if (!Object.hasOwn(shape, name))
      found.add({ path: memberPath(path, name), rule: 'missing_required', typeSeen: null })
  if (!outline.described) return
  for (const name of Object.keys(shape)) {
    if (found.full) return
    const inner = shape[name] ?? null
    const member = outline.member(name)
    const at = memberPath(path, name)
    if (member === null) found.add({ path: at, rule: 'unknown_field', typeSeen: typeSeen(inner) })
    else if (isMissedNull(outline, { name, member, inner }))
      found.add({ path: at, rule: 'null_required', typeSeen: 'NULL' })
    else visit(member, { shape: inner, path: at, depth: depth + 1 }, found)
  }
}

interface Member {
  readonly name: string
  readonly member: Outline
  readonly inner: Shape
}

function isMissedNull(outline: Outline, { name, member, inner }: Member): boolean {
  const mayBeNull = member.types === null || member.types.has('null')
  return kindOf(inner) === 'null' && outline.required.has(name) && !mayBeNull
}

type Fit = 'fits' | 'type_converted' | 'type_changed'

/** Null stands for a value that is not there, wherever none is required. */
function fitOf({ types }: Outline, kind: Kind): Fit {
  if (types === null || kind === 'null' || types.has(kind)) return 'fits'
  if (kind === 'integer' && types.has('number')) return 'fits'
  if (kind === 'unclear') return types.size > 1 || types.has('object') ? 'fits' : 'type_changed'
  return isReadable(kind, types) ? 'type_converted' : 'type_changed'
}

/** Whether a value of type `seen` may be read as one of `types`; its value may still forbid it. */
export function isReadable(seen: string, types: ReadonlySet<string>): boolean {
  return types.has(seen) || [...types].some((type) => readableAs.get(type)?.has(seen) === true)
}

const readableAs: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ['string', new Set(['integer', 'number', 'boolean', 'null'])],
  ['integer', new Set(['string', 'number', 'null'])],
  ['number', new Set(['string', 'integer', 'null'])],
  ['boolean', new Set(['string', 'null'])],
  ['array', new Set(['null'])],
  ['object', new Set(['null'])],
])
