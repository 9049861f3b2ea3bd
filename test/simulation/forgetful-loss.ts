/**
 * What one power loss keeps. Each subject (a file, a folder) draws its own odds, so that over many
 * seeds everything survives, nothing does, and everything in between; half-kept is the common case.
 */
import type { Random } from '../../src/core/random.ts'

export interface Piece {
  readonly start: number
  readonly end: number
}

export class Loss {
  readonly #random: Random
  readonly #common: number | 'each its own'
  readonly #odds = new Map<object, number>()

  constructor(random: Random) {
    this.#random = random
    const own = 'each its own'
    this.#common = this.pick([0, 1, own, own, own, own])
  }

  /** One draw: whether the next change of this subject reached the disk. */
  keeps(subject: object): boolean {
    return this.#random.next() < this.#oddsOf(subject)
  }

  keepsAllOf(subject: object): boolean {
    return this.#oddsOf(subject) === 1
  }

  /**
   * Cuts a write at `offset` into the pieces that are kept or lost one by one: at the sectors of
   * the disk, at its pages, or at any one byte.
   */
  pieces(offset: number, length: number): Piece[] {
    const unit = this.pick<number | 'any'>([512, 4096, 'any'])
    const cuts = unit === 'any' ? [this.#random.below(length + 1)] : multiples(unit, offset, length)
    const edges = [0, ...cuts, length]
    return edges.slice(1).map((end, index) => ({ start: edges[index] ?? 0, end }))
  }

  pick<T extends {}>(choices: readonly [T, ...T[]]): T {
    return choices[this.#random.below(choices.length)] ?? choices[0]
  }

  #oddsOf(subject: object): number {
    if (this.#common !== 'each its own') return this.#common
    const known = this.#odds.get(subject)
    if (known !== undefined) return known
    const drawn = this.pick([0, 1, 0.5, this.#random.next()])
    this.#odds.set(subject, drawn)
    return drawn
  }
}

/** Where the multiples of `unit` fall inside the range, counted from its start. */
function multiples(unit: number, offset: number, length: number): number[] {
  const found: number[] = []
  for (let cut = unit - (offset % unit); cut < length; cut += unit) found.push(cut)
  return found
}
