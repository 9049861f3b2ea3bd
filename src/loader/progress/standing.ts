/**
 * How far a table has come in the journal, and what it has yet to read. Pure.
 *
 * Every table that is made of bronze follows it: its log holds, for each partition of the journal,
 * the position that it has reached, as that of bronze does. So each is brought forward by a commit
 * of its own, exactly once, and after a crash between two commits goes on from where it stands.
 */
import { appPlace, type JournalPlace } from '../places.ts'

/** By the application of a partition (`appId`): the position behind all that has been read. */
export type Standing = ReadonlyMap<string, number>

/** Positions of one partition, `to` excluded. */
export interface PositionRange extends JournalPlace {
  readonly from: number
  readonly to: number
}

/** Of the applications of a table, those that are partitions of a journal. */
export function standingOf(txns: ReadonlyMap<string, number>): Standing {
  return new Map([...txns].filter(([app]) => appPlace(app) !== null))
}

/** What one that stands at `from` has to read to stand at `to`. */
export function rangesBetween(from: Standing, to: Standing): PositionRange[] {
  return [...to.keys()].sort().flatMap((app) => rangeOf(app, at(from, app), at(to, app)))
}

export interface Follower<Name> {
  readonly name: Name
  readonly standing: Standing
}

interface Places {
  readonly leader: Standing
  readonly others: readonly Follower<unknown>[]
}

export interface Step<Name> {
  /** Those that go this step: they stand at the same place. */
  readonly followers: readonly Name[]
  readonly ranges: readonly PositionRange[]
}

/**
 * The next step towards `leader`, as long as it may be; null where all have reached it. Whoever is
 * behind goes first, and no further than where others stand, so that all come to go together.
 */
export function nextStep<Name>(
  leader: Standing,
  followers: readonly Follower<Name>[],
): Step<Name> | null {
  const apps = [...leader.keys()].sort()
  const groups = [...Map.groupBy(followers, (one) => keyOf(one.standing, apps)).values()]
  const behind = groups.map((group) => {
    const { standing } = group[0] ?? { standing: new Map<string, number>() }
    const others = groups.filter((other) => other !== group).flat()
    const goals = goalsOf(standing, apps, { leader, others })
    const ranges = apps.flatMap((app) => {
      const to = Math.min(at(goals, app), at(leader, app))
      return rangeOf(app, at(standing, app), to)
    })
    return { group, ranges }
  })
  const [next] = behind
    .filter(({ ranges }) => ranges.length > 0)
    .sort((a, b) => sumOf(a.group[0]?.standing, apps) - sumOf(b.group[0]?.standing, apps))
  return next === undefined
    ? null
    : { followers: next.group.map(({ name }) => name), ranges: next.ranges }
}

/**
 * Those ranges, or their beginnings, `most` positions in all: whoever has little goes whole, what
 * that leaves is shared out in equal parts.
 */
export function firstPositions(ranges: readonly PositionRange[], most: number): PositionRange[] {
  let left = most
  return ranges
    .toSorted((a, b) => lengthOf(a) - lengthOf(b))
    .flatMap((range, index) => {
      const share = Math.min(lengthOf(range), Math.ceil(left / (ranges.length - index)))
      left -= share
      return share > 0 ? [{ ...range, to: range.from + share }] : []
    })
}

export const lengthOf = ({ from, to }: PositionRange): number => to - from

export function positionsIn(ranges: readonly PositionRange[]): number {
  return ranges.reduce((sum, range) => sum + lengthOf(range), 0)
}

/** What lies in ranges of both. */
export function overlap(
  ranges: readonly PositionRange[],
  others: readonly PositionRange[],
): PositionRange[] {
  return ranges.flatMap((range) =>
    others.flatMap((other) => {
      if (other.journalId !== range.journalId || other.partition !== range.partition) return []
      const from = Math.max(range.from, other.from)
      const to = Math.min(range.to, other.to)
      return from < to ? [{ ...range, from, to }] : []
    }),
  )
}

const at = (standing: Standing | undefined, app: string): number => standing?.get(app) ?? 0

/** Where others are ahead, the way leads to the next of them and nowhere else. */
function goalsOf(standing: Standing, apps: readonly string[], places: Places): Standing {
  const ahead = apps.flatMap((app) => {
    const known = places.others.map((other) => at(other.standing, app))
    const next = Math.min(...known.filter((place) => place > at(standing, app)))
    return Number.isFinite(next) ? [[app, next] as const] : []
  })
  return ahead.length > 0 ? new Map(ahead) : places.leader
}

function rangeOf(app: string, from: number, to: number): PositionRange[] {
  const place = appPlace(app)
  return place === null || from >= to ? [] : [{ ...place, from, to }]
}

function keyOf(standing: Standing, apps: readonly string[]): string {
  return JSON.stringify(apps.map((app) => at(standing, app)))
}

function sumOf(standing: Standing | undefined, apps: readonly string[]): number {
  return apps.reduce((sum, app) => sum + at(standing, app), 0)
}
