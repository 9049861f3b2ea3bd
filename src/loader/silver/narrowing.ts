/**
 * Finds the event that DuckDB cannot take. Pure.
 *
 * `open`: slices are as large as they may be. A slice that failed, or in which the process ended,
 * makes it `narrowed` to what the slice held: of that a sixteenth is tried at a time, and what has
 * passed is done with; the first part to fail again is narrowed to. Whatever fails alone, twice,
 * the second time with an engine to itself, is `found`. Sixteenths, because each failure may cost a
 * start of the process: of 131,072 events, one is found in five.
 */
import { firstPositions, overlap, type PositionRange, positionsIn } from '../progress/standing.ts'

const parts = 16
const failuresAlone = 2

export interface Narrowing {
  /** What is left of a slice that failed. */
  readonly suspects: readonly PositionRange[]
  /** Positions to be tried at once. */
  readonly most: number
  /** How often the first of them failed alone. */
  readonly failures: number
}

export type Judgement =
  | { readonly kind: 'narrowed'; readonly narrowing: Narrowing }
  | { readonly kind: 'found'; readonly place: PositionRange }

/** After an attempt at `ranges` that failed, `failures` being those of its narrowing before. */
export function narrowed(ranges: readonly PositionRange[], failures: number): Judgement {
  const positions = positionsIn(ranges)
  const [first] = ranges
  if (positions > 1 || first === undefined) {
    const most = Math.ceil(positions / parts)
    return { kind: 'narrowed', narrowing: { suspects: ranges, most, failures: 0 } }
  }
  if (failures + 1 >= failuresAlone) return { kind: 'found', place: first }
  return { kind: 'narrowed', narrowing: { suspects: ranges, most: 1, failures: failures + 1 } }
}

/** What to try of `ranges`: what lies before suspects first, then as much of them as is allowed. */
export function toTry(
  ranges: readonly PositionRange[],
  narrowing: Narrowing | null,
): readonly PositionRange[] {
  const suspects = overlap(ranges, narrowing?.suspects ?? [])
  if (narrowing === null || suspects.length === 0) return ranges
  const before = ranges.flatMap((range) => {
    const first = Math.min(...overlap([range], suspects).map(({ from }) => from))
    return first > range.from && first < range.to ? [{ ...range, to: first }] : []
  })
  return before.length > 0 ? before : firstPositions(suspects, narrowing.most)
}

/** What is left once `ranges` have passed; null where nothing is suspect any more. */
export function passed(
  { suspects, most }: Narrowing,
  ranges: readonly PositionRange[],
): Narrowing | null {
  const left = suspects.flatMap((suspect) => {
    const done = overlap([suspect], ranges)
    const from = Math.max(suspect.from, ...done.map(({ to }) => to))
    return from < suspect.to ? [{ ...suspect, from }] : []
  })
  return left.length === 0 ? null : { suspects: left, most, failures: 0 }
}
