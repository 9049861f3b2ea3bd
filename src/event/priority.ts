/**
 * How urgent an event is when there is too much of everything. Only overload looks at it: the order
 * of events never depends on it.
 */
import type { Priority } from './envelope.ts'
import { matchesType } from './event-types.ts'

/** Event types by name or end. `high` wins over `low`, and either over the defaults. */
export interface PriorityRules {
  readonly high: readonly string[]
  readonly low: readonly string[]
}

/**
 * Low unless a rule says otherwise: types that end so repeat a state which the next one tells again
 * (`queue.observations`, `user.aggregates`, `queue.activity`), up to once a second for each queue
 * and user. Losing one loses no fact.
 */
const lowByDefault = ['observations', 'aggregates', 'activity'] as const

export function priorityOf(eventType: string, rules: PriorityRules): Priority {
  if (rules.high.some((name) => matchesType(eventType, name))) return 'high'
  if (rules.low.some((name) => matchesType(eventType, name))) return 'low'
  return lowByDefault.some((name) => matchesType(eventType, name)) ? 'low' : 'normal'
}

const rank = { low: 0, normal: 1, high: 2 } as const satisfies Record<Priority, number>

/** The priority of a batch; that of an empty one is low. */
export function highest(priorities: Iterable<Priority>): Priority {
  let found: Priority = 'low'
  for (const priority of priorities) if (rank[priority] > rank[found]) found = priority
  return found
}
