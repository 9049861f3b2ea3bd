/**
 * The different texts of a column chunk, each with its place in the dictionary: in the order in
 * which they came.
 */
import type { Slice } from '../../core/slice.ts'
import { SliceCache } from '../../core/slice-cache.ts'

/** Above this many a dictionary costs more than it saves. */
const MOST = 256

export class Members {
  #places = new Map<string, number>()
  /** Of those that were met as bytes. */
  readonly #stored = new SliceCache<number>()
  #last: string | null = null
  #lastPlace = 0

  clear(): void {
    this.#places = new Map()
    this.#stored.clear()
    this.#last = null
  }

  get texts(): readonly string[] {
    return [...this.#places.keys()]
  }

  /** -1 for one too many. */
  placeOf(text: string | Slice): number {
    if (typeof text === 'string') return this.#placeOf(text)
    const known = this.#stored.get(text)
    if (known !== undefined) return known
    const place = this.#placeOf(text.bytes.toString('utf8', text.from, text.to))
    if (place !== -1) this.#stored.set(text, place)
    return place
  }

  #placeOf(text: string): number {
    if (text === this.#last) return this.#lastPlace
    const known = this.#places.get(text)
    if (known === undefined && this.#places.size === MOST) return -1
    const place = known ?? this.#places.size
    if (known === undefined) this.#places.set(text, place)
    this.#last = text
    this.#lastPlace = place
    return place
  }
}
