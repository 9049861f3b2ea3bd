/** The least and the greatest value of a column chunk, kept while its values are stored. */

export interface Bounds {
  readonly min: string | number
  readonly max: string | number
  /** False where a text was so long that these are but the beginnings of the bounds. */
  readonly exact: boolean
}

export class NumberBounds {
  #min = Number.POSITIVE_INFINITY
  #max = Number.NEGATIVE_INFINITY

  add(value: number): void {
    if (value < this.#min) this.#min = value
    if (value > this.#max) this.#max = value
  }

  /** Null where nothing was added. */
  get found(): Bounds | null {
    if (this.#min > this.#max) return null
    return { min: this.#min, max: this.#max, exact: true }
  }
}

/** Of texts as they are stored: the order of their UTF-8 bytes is that of code points. */
export class TextBounds {
  readonly #min = new KeptText()
  readonly #max = new KeptText()

  /** The text that stands in `bytes` from `from` up to `to`. */
  add(bytes: Uint8Array, from: number, to: number): void {
    if (this.#min.isUnset || this.#min.compare(bytes, from, to) < 0) this.#min.set(bytes, from, to)
    if (this.#max.isUnset || this.#max.compare(bytes, from, to) > 0) this.#max.set(bytes, from, to)
  }

  /** Null where nothing was added. */
  get found(): Bounds | null {
    if (this.#min.isUnset) return null
    const [min, max] = [this.#min, this.#max]
    return { min: min.text, max: max.text, exact: min.isWhole && max.isWhole }
  }
}

/** Of a longer text its beginning is kept, in bytes. */
const LONGEST = 256

class KeptText {
  readonly #bytes = Buffer.alloc(LONGEST)
  /** Of the whole text; -1 for none. */
  #length = -1

  get isUnset(): boolean {
    return this.#length === -1
  }

  get isWhole(): boolean {
    return this.#length <= LONGEST
  }

  get text(): string {
    return this.#bytes.toString('utf8', 0, Math.min(this.#length, LONGEST))
  }

  set(bytes: Uint8Array, from: number, to: number): void {
    this.#length = to - from
    const kept = Math.min(this.#length, LONGEST)
    for (let at = 0; at < kept; at++) this.#bytes[at] = bytes[from + at] ?? 0
  }

  /** Negative where the given text comes before the one that is kept; by their beginnings. */
  compare(bytes: Uint8Array, from: number, to: number): number {
    const kept = Math.min(this.#length, LONGEST)
    const length = Math.min(kept, to - from)
    for (let at = 0; at < length; at++) {
      const difference = (bytes[from + at] ?? 0) - (this.#bytes[at] ?? 0)
      if (difference !== 0) return difference
    }
    return Math.min(to - from, LONGEST) - kept
  }
}
