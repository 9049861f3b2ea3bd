/** What callers create in the simulated organisation: a bounded number of things by their ids. */
import type { Clock } from '../../core/clock.ts'
import type { Random } from '../../core/random.ts'
import type { JsonObject } from '../../event/json.ts'
import { isoTime } from '../render/rendered.ts'
import { done, notFound, type Reply } from './exchange.ts'

export interface ShelfDeps {
  readonly clock: Clock
  readonly random: Random
}

const MOST = 100

export class Shelf {
  readonly #deps: ShelfDeps
  readonly #held = new Map<string, JsonObject>()

  constructor(deps: ShelfDeps) {
    this.#deps = deps
  }

  get all(): JsonObject[] {
    return [...this.#held.values()]
  }

  find(id: string): JsonObject | null {
    return this.#held.get(id) ?? null
  }

  /** Null where there are too many. */
  add(fields: JsonObject): JsonObject | null {
    if (this.#held.size >= MOST) return null
    const { clock, random } = this.#deps
    const now = isoTime(clock.now())
    const id = random.uuid()
    const made = { ...fields, id, dateCreated: now, dateModified: now, version: 1 }
    this.#held.set(id, made)
    return made
  }

  /** Null where there is no such thing. */
  change(id: string, fields: JsonObject): JsonObject | null {
    const held = this.#held.get(id)
    if (held === undefined) return null
    const { dateCreated = null, version = 1 } = held
    const dateModified = isoTime(this.#deps.clock.now())
    const next = { id, dateCreated, dateModified, version: Number(version) + 1 }
    const changed = { ...held, ...fields, ...next }
    this.#held.set(id, changed)
    return changed
  }

  remove(id: string): Reply {
    return this.#held.delete(id) ? done() : notFound(id)
  }
}
