/**
 * Which events of a source are wanted. What is not is answered `filtered` and only counted.
 *
 * Guarantee: pure, and null-safe (A9): an event is filtered out for what it says, never for what it
 * does not say. Where the field that a list speaks of is missing, null or of another type in every
 * place that is known to hold it, the event is kept. Unreadable bodies are never filtered.
 *
 * Lists are compared without case, and `call`, `phone` and `voice` are one interaction type, as
 * `webchat` and `chat` are. Exclusions compare strictly, the type of the value included.
 */
import type { Recognised } from '../event/envelope.ts'
import { matchesType, otherType } from '../event/event-types.ts'
import { firstId, firstText, objectAt } from '../event/fields.ts'
import { ArrayView, type JsonView, ObjectView } from '../event/json-view.ts'

/** Each list empty for all. */
export interface AcceptOptions {
  /** Whole names or their ends: `observations` stands for `queue.observations` too. */
  readonly eventTypes: readonly string[]
  readonly interactionTypes: readonly string[]
  /** Ids. */
  readonly queues: readonly string[]
  readonly states: readonly string[]
  readonly directions: readonly string[]
  readonly exclude: readonly Exclusion[]
}

export interface Exclusion {
  /** Member names from the top of the event, such as `data.internal`; `[]` behind one for each. */
  readonly field: string
  readonly equals: string | number | boolean
}

export type FilterReason =
  | 'event_type'
  | 'interaction_type'
  | 'queue'
  | 'state'
  | 'direction'
  | 'excluded'

/** Why an event is not wanted; null where it is. */
export type Filter = (value: ObjectView, recognised: Recognised) => FilterReason | null

/** Null where everything is wanted. */
export function openFilter(options: AcceptOptions): Filter | null {
  const filters = [
    typeFilter(options.eventTypes),
    listFilter('interaction_type', options.interactionTypes, interactionTypeOf),
    listFilter('queue', options.queues, queueOf),
    listFilter('state', options.states, stateOf),
    listFilter('direction', options.directions, directionOf),
    ...options.exclude.map(exclusionFilter),
  ].filter((filter) => filter !== null)
  if (filters.length === 0) return null
  return (value, recognised) => {
    for (const filter of filters) {
      const reason = filter(value, recognised)
      if (reason !== null) return reason
    }
    return null
  }
}

function typeFilter(wanted: readonly string[]): Filter | null {
  if (wanted.length === 0) return null
  return (value, { eventType, topic }) => {
    if (wanted.some((name) => matchesType(eventType, name))) return null
    const saysNone = eventType === otherType && topic === null && firstText(value, types) === null
    return saysNone ? null : 'event_type'
  }
}

const types = ['eventType', 'event', 'type', 'detail-type']

function listFilter(
  reason: FilterReason,
  wanted: readonly string[],
  read: (value: ObjectView) => string | null,
): Filter | null {
  if (wanted.length === 0) return null
  const normal = new Set(wanted.map(normalised))
  return (value) => {
    const text = read(value)
    return text === null || normal.has(normalised(text)) ? null : reason
  }
}

const synonyms: ReadonlyMap<string, string> = new Map([
  ['call', 'voice'],
  ['phone', 'voice'],
  ['webchat', 'chat'],
])

function normalised(text: string): string {
  const lower = text.toLowerCase()
  return synonyms.get(lower) ?? lower
}

/** Where dialects keep what an event is about: the event itself and the objects it wraps. */
function placesOf(value: ObjectView): (ObjectView | null)[] {
  const body = objectAt(objectAt(value, 'detail'), 'eventBody') ?? objectAt(value, 'eventBody')
  return [value, objectAt(value, 'data'), body]
}

function firstIn(value: ObjectView, names: readonly string[]): string | null {
  for (const place of placesOf(value)) {
    const text = firstText(place, names)
    if (text !== null) return text
  }
  return null
}

function interactionTypeOf(value: ObjectView): string | null {
  const own = firstIn(value, ['interactionType', 'contactType', 'mediaType'])
  if (own !== null) return own
  return firstText(objectAt(value, 'contact'), ['contactType']) ?? typeOfInteraction(value)
}

/** Guide A: `data.type` of what has an interaction. */
function typeOfInteraction(value: ObjectView): string | null {
  const data = objectAt(value, 'data')
  return firstId(data, ['interactionId']) === null ? null : firstText(data, ['type'])
}

function queueOf(value: ObjectView): string | null {
  for (const place of placesOf(value)) {
    const id = firstId(place, ['queueId']) ?? firstId(objectAt(place, 'queue'), ['id'])
    if (id !== null) return id
    const grouped = firstId(objectAt(place, 'group'), ['queueId'])
    if (grouped !== null) return grouped
  }
  return null
}

function stateOf(value: ObjectView): string | null {
  return firstIn(value, ['interactionState', 'state', 'currentState'])
}

function directionOf(value: ObjectView): string | null {
  return firstIn(value, ['direction', 'originatingDirection'])
}

function exclusionFilter({ field, equals }: Exclusion): Filter {
  const path = field.split('.')
  return (value) => (holds(value, path, equals) ? 'excluded' : null)
}

/** True where the path, or any of the places it leads to, holds the value. */
function holds(
  value: JsonView | undefined,
  path: readonly string[],
  wanted: string | number | boolean,
): boolean {
  const [step, ...rest] = path
  if (step === undefined) return value === wanted
  if (!(value instanceof ObjectView)) return false
  if (!step.endsWith('[]')) return holds(value.member(step), rest, wanted)
  const list = value.member(step.slice(0, -2))
  if (!(list instanceof ArrayView)) return false
  return list.elements().some((element) => holds(element.value, rest, wanted))
}
