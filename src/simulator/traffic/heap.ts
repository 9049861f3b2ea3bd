/**
 * A binary heap: whatever is pushed in any order is popped by time, equal times in the order of
 * pushing.
 */
interface Entry<T> {
  readonly at: number
  readonly order: number
  readonly item: T
}

export class TimeHeap<T> {
  readonly #entries: Entry<T>[] = []
  #pushed = 0

  get size(): number {
    return this.#entries.length
  }

  /** The time of what would be popped; undefined when empty. */
  get nextAt(): number | undefined {
    return this.#entries[0]?.at
  }

  push(at: number, item: T) {
    const entries = this.#entries
    const entry = { at, order: this.#pushed++, item }
    let place = entries.length
    while (place > 0) {
      const parent = (place - 1) >> 1
      const above = entries[parent]
      if (above === undefined || !before(entry, above)) break
      entries[place] = above
      place = parent
    }
    entries[place] = entry
  }

  pop(): T | undefined {
    const first = this.#entries[0]
    const last = this.#entries.pop()
    if (last !== undefined && this.#entries.length > 0) this.#sink(last)
    return first?.item
  }

  #sink(entry: Entry<T>) {
    const entries = this.#entries
    let place = 0
    for (;;) {
      const left = 2 * place + 1
      const child = isBefore(entries[left + 1], entries[left]) ? left + 1 : left
      const below = entries[child]
      if (below === undefined || !before(below, entry)) break
      entries[place] = below
      place = child
    }
    entries[place] = entry
  }
}

function before(one: Entry<unknown>, other: Entry<unknown>): boolean {
  return one.at < other.at || (one.at === other.at && one.order < other.order)
}

function isBefore(one: Entry<unknown> | undefined, other: Entry<unknown> | undefined): boolean {
  return one !== undefined && other !== undefined && before(one, other)
}
