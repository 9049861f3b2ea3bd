/**
 * What a record of Analytics is beside what the lake knows of its conversation. Pure.
 *
 * Every doubt ends in fetching: a record too many costs its bytes, once, for the next time it is
 * known by its id.
 */
import { type Figures, figureNames, type RecordFacts } from './record.ts'

/** Why a record that is lacking is not taken in. */
export const refusals = ['filtered', 'erased', 'retired'] as const
export type Refusal = (typeof refusals)[number]

export const findings = [
  ...(['present', 'open', 'missing', 'incomplete', 'changed'] as const),
  ...refusals,
] as const
/**
 * - `present`: the lake has this record, or tells as much without it
 * - `open`: it goes on, and the lake knows of it: it is asked about again
 * - `missing`: nothing in the lake tells of it
 * - `incomplete`: events of it are missing, or tell of other times
 * - `changed`: the lake has another record of it
 * - `filtered`: it is lacking, and its source does not want it
 * - `erased`: it is lacking, and names somebody who was erased
 * - `retired`: it is lacking, and of a day that retention would take out of the lake at once
 */
export type Finding = (typeof findings)[number]

/** What the lake knows of a conversation. */
export interface Known {
  /** Ids of all records of it, as events. */
  readonly records: ReadonlySet<string>
  /** As `RecordFacts` has them. */
  readonly steps: ReadonlySet<string>
  readonly figures: Figures
  /** Whether a webhook of the guides told its end; null where none told of it. */
  readonly isSettled: boolean | null
  /** Whether something of it waits as a dead letter. */
  readonly hasDeadLetters: boolean
}

const lacking: ReadonlySet<Finding> = new Set(['missing', 'incomplete', 'changed'])

export function isLacking(finding: Finding): boolean {
  return lacking.has(finding)
}

export function decide(record: RecordFacts, known: Known | undefined): Exclude<Finding, Refusal> {
  if (known === undefined) return 'missing'
  const { records, steps } = known
  if (records.has(record.eventId) || records.has(record.queriedId ?? '')) return 'present'
  if (steps.size === 0 && records.size === 0 && known.isSettled === null) return 'missing'
  if (!record.isOver) return 'open'
  if (records.size > 0) return 'changed'
  if (known.hasDeadLetters) return 'incomplete'
  if (steps.size === 0) return known.isSettled ? 'present' : 'incomplete'
  const isTold = [...record.steps].every((step) => steps.has(step))
  const isSame = figureNames.every((name) => record.figures[name] === known.figures[name])
  return isTold && isSame ? 'present' : 'incomplete'
}
