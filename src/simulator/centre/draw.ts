/** Drawing from a seeded source: choices, chances and durations. */
import { type Random, seededRandom } from '../../core/random.ts'

/** A duration in ms: never under `least`, around `typical`, seldom near `most`. */
export interface Spread {
  readonly least: number
  readonly typical: number
  readonly most: number
}

/** A source of its own: what is drawn from it changes nothing that is drawn elsewhere. */
export function fork(random: Random): Random {
  return seededRandom(random.below(2 ** 32))
}

/** Draws nothing for what never happens. */
export function chance(random: Random, share: number): boolean {
  return share > 0 && random.next() < share
}

/** Whole ms; exponential above `least`, because queues and talks have long tails. */
export function duration(random: Random, spread: Spread): number {
  const tail = -Math.log(1 - random.next()) * (spread.typical - spread.least)
  return Math.min(spread.most, Math.round(spread.least + tail))
}

/** A whole number from `least` to `most`, both included. */
export function between(random: Random, least: number, most: number): number {
  return least + random.below(most - least + 1)
}

export function pick<T>(random: Random, choices: readonly T[]): T {
  const found = choices[random.below(choices.length)]
  if (found === undefined) throw new RangeError('nothing to choose from')
  return found
}

/** One of `choices`, as often as its weight says. */
export function pickWeighted<T>(random: Random, choices: readonly (readonly [T, number])[]): T {
  const total = choices.reduce((sum, [, weight]) => sum + weight, 0)
  let left = random.next() * total
  for (const [choice, weight] of choices) {
    left -= weight
    if (left < 0) return choice
  }
  throw new RangeError('nothing to choose from')
}
