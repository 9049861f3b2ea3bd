/**
 * Which action a field has, for fields that are met on the way down a JSON text.
 *
 * A rule of the configuration goes before every default, what stands deeper before what covers it,
 * a longer path before a shorter one, the later of two equal ones before the earlier.
 *
 * Limit: fields that were met are remembered up to MAX_FIELDS, so that a sender who invents names
 * costs time, never memory.
 */
import { type Action, type Rule, segmentsOf } from './rules.ts'

const MAX_FIELDS = 20_000
const MAX_NAME = 128

/** What is known of a field: by a rule, by a default, or nothing. */
export interface Field {
  readonly path: string
  readonly action: Action | null
  /** The member of that name; `[]` for any element. */
  child(segment: string): Field
}

export interface RuleSets {
  readonly own: readonly Rule[]
  readonly defaults: readonly Rule[]
}

/** The field that is the whole text. */
export function fieldTree({ own, defaults }: RuleSets): Field {
  const tree = { own: ending(own), defaults: ending(defaults), met: 0 }
  return new TreeField(tree, null, '')
}

/** `path` as rules write it. */
export function fieldAt(root: Field, path: string): Field {
  return (segmentsOf(path) ?? [path]).reduce((field, segment) => field.child(segment), root)
}

interface Tree {
  readonly own: Ending
  readonly defaults: Ending
  met: number
}

class TreeField implements Field {
  readonly path: string
  readonly #tree: Tree
  readonly #parent: TreeField | null
  readonly #segment: string
  readonly #own: Action | null
  readonly #default: Action | null
  readonly #children = new Map<string, TreeField>()

  constructor(tree: Tree, parent: TreeField | null, segment: string) {
    this.#tree = tree
    this.#parent = parent
    this.#segment = segment
    this.path = pathOf(parent, segment)
    this.#own = this.#endsIn(tree.own) ?? (parent === null ? null : parent.#own)
    this.#default = this.#endsIn(tree.defaults) ?? (parent === null ? null : parent.#default)
  }

  get action(): Action | null {
    return this.#own ?? this.#default
  }

  child(segment: string): Field {
    const known = this.#children.get(segment)
    if (known !== undefined) return known
    const met = new TreeField(this.#tree, this, segment)
    if (this.#tree.met < MAX_FIELDS && segment.length <= MAX_NAME) {
      this.#tree.met++
      this.#children.set(segment, met)
    }
    return met
  }

  /** The action of the longest path that this field ends with. */
  #endsIn(paths: Ending): Action | null {
    let found: Action | null = null
    let candidates: readonly Ending[] = [paths]
    for (let at: TreeField | null = this; at !== null && candidates.length > 0; at = at.#parent) {
      const segment = at.#segment
      candidates = candidates.flatMap(({ before }) => {
        const [exact, any] = [before.get(segment), before.get('*')]
        return [exact, any].filter((one) => one !== undefined)
      })
      found = candidates.find(({ action }) => action !== null)?.action ?? found
    }
    return found
  }
}

function pathOf(parent: TreeField | null, segment: string): string {
  if (parent === null || parent.path === '') return segment
  return segment === '[]' ? `${parent.path}[]` : `${parent.path}.${segment}`
}

/** Paths by their last segment, then the one before it, and so on. */
interface Ending {
  action: Action | null
  readonly before: Map<string, Ending>
}

function ending(rules: readonly Rule[]): Ending {
  const root: Ending = { action: null, before: new Map() }
  for (const { field, action } of rules) {
    let at = root
    for (const segment of (segmentsOf(field) ?? []).toReversed()) {
      const next = at.before.get(segment) ?? { action: null, before: new Map() }
      at.before.set(segment, next)
      at = next
    }
    if (at !== root) at.action = action
  }
  return root
}
