/** What a receiver says became of a request that it acknowledged. */
import { isObject, type JsonValue, parseJson } from '../../event/json.ts'

export const outcomes = [
  'stored',
  'duplicate',
  'quarantined',
  'filtered',
  'shed',
  'batch',
  /** Any other receiver: a 2xx whose body says nothing. */
  'accepted',
] as const
export type AnsweredOutcome = (typeof outcomes)[number]

export interface Answer {
  readonly outcome: AnsweredOutcome
  /** For a batch: how many of its bodies had which outcome. */
  readonly counts: Readonly<Record<string, number>>
}

export function readAnswer(text: string): Answer {
  const value = parseJson(text)
  const body = isObject(value) ? value : {}
  const outcome = outcomes.find((name) => name === body['outcome']) ?? 'accepted'
  if (outcome !== 'batch') return { outcome, counts: {} }
  return { outcome, counts: readCounts(body) }
}

/** Its numbers, by name. */
export function readCounts(value: JsonValue | undefined): Readonly<Record<string, number>> {
  const entries = isObject(value) ? Object.entries(value) : []
  return Object.fromEntries(
    entries.flatMap(([name, count]) => (typeof count === 'number' ? [[name, count]] : [])),
  )
}
