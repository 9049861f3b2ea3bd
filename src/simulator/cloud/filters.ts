/**
 * Filters of a details query: which conversations it is about.
 *
 * A conversation is meant where its own facts match every filter of `conversationFilters`, and one
 * of its segments, with the session and participant that it is of, matches every one of
 * `segmentFilters`. There are no evaluations here: filters of these find nothing. What this
 * organisation does not know is refused, as the platform does.
 * Source: `ConversationQuery` of the official SDK.
 */
import { isArray, isObject, type JsonObject, type JsonValue } from '../../event/json.ts'

export type Filter = (record: JsonObject) => boolean

type Test = (facts: JsonObject) => boolean

const kinds = {
  conversationFilters: [
    ...['conversationId', 'originatingDirection', 'divisionId', 'conversationEnd', 'externalTag'],
  ],
  segmentFilters: [
    ...['conversationId', 'mediaType', 'direction', 'queueId', 'userId', 'purpose', 'segmentType'],
    ...['segmentEnd', 'sessionId', 'participantId', 'disconnectType', 'wrapUpCode', 'messageType'],
    ...['ani', 'dnis', 'provider', 'divisionId', 'externalContactId', 'peerId'],
  ],
  evaluationFilters: [
    ...['evaluationId', 'evaluatorId', 'calibrationId', 'contextId', 'formId', 'formName'],
    ...['userId', 'queueId', 'deleted', 'released', 'evaluationStatus'],
  ],
} as const

type Kind = keyof typeof kinds

/** What is wrong, in words, where a filter is none. */
export function filterOf(body: JsonObject): Filter | string {
  const tests: Partial<Record<Kind, Test[]>> = {}
  for (const kind of Object.keys(kinds) as Kind[]) {
    const listed = body[kind] ?? []
    if (!isArray(listed)) return `${kind} must be a list.`
    const read = listed.map((one) => groupOf(one, kinds[kind]))
    const wrong = read.find((one) => typeof one === 'string')
    if (wrong !== undefined) return `${kind}: ${wrong}`
    tests[kind] = read.filter((one) => typeof one !== 'string')
  }
  const { conversationFilters = [], segmentFilters = [], evaluationFilters = [] } = tests
  return (record) => {
    if (evaluationFilters.length > 0) return false
    const own = { ...record, divisionId: record['divisionIds'] ?? null }
    if (!conversationFilters.every((test) => test(own))) return false
    const matches = (segment: JsonObject) => segmentFilters.every((test) => test(segment))
    return segmentFilters.length === 0 || segmentsOf(own).some(matches)
  }
}

/** Predicates and clauses, of which all or any hold. */
function groupOf(value: JsonValue, known: readonly string[]): Test | string {
  if (!isObject(value)) return 'a filter must be an object.'
  const { type = 'and', predicates = [], clauses = [] } = value
  if (type !== 'and' && type !== 'or') return `${JSON.stringify(type)} is no type of a filter.`
  if (!isArray(predicates) || !isArray(clauses)) return 'predicates and clauses must be lists.'
  const parts = [
    ...predicates.map((one) => predicateOf(one, known)),
    ...clauses.map((one) => groupOf(one, known)),
  ]
  if (parts.length === 0) return 'a filter needs predicates or clauses.'
  const wrong = parts.find((one) => typeof one === 'string')
  if (wrong !== undefined) return wrong
  const tests = parts.filter((one) => typeof one !== 'string')
  if (type === 'and') return (facts) => tests.every((test) => test(facts))
  return (facts) => tests.some((test) => test(facts))
}

function predicateOf(value: JsonValue, known: readonly string[]): Test | string {
  if (!isObject(value)) return 'a predicate must be an object.'
  const { type = 'dimension', dimension, operator = 'matches', value: wanted } = value
  if (type !== 'dimension') return `predicates of type ${JSON.stringify(type)} are not known.`
  if (typeof dimension !== 'string' || !known.includes(dimension))
    return `${JSON.stringify(dimension ?? null)} is not one of the dimensions ${known.join(', ')}.`
  const valuesIn = (facts: JsonObject) => {
    const held = facts[dimension] ?? null
    return (isArray(held) ? held : [held]).filter((one) => one !== null).map(lower)
  }
  if (operator === 'exists') return (facts) => valuesIn(facts).length > 0
  if (operator === 'notExists') return (facts) => valuesIn(facts).length === 0
  if (operator !== 'matches') return `${JSON.stringify(operator)} is not a known operator.`
  if (typeof wanted !== 'string') return `${dimension} needs a value to match.`
  return (facts) => valuesIn(facts).includes(lower(wanted))
}

/** Each with what its session, its participant and the conversation say beside it. */
function segmentsOf(record: JsonObject): JsonObject[] {
  const { conversationId = null, divisionId = null } = record
  return objectsIn(record, 'participants').flatMap((participant) =>
    objectsIn(participant, 'sessions').flatMap((session) =>
      objectsIn(session, 'segments').map((segment) => ({
        ...{ conversationId, divisionId },
        ...participant,
        ...session,
        ...segment,
      })),
    ),
  )
}

function objectsIn(object: JsonObject, name: string): JsonObject[] {
  const list = object[name]
  return isArray(list) ? list.filter(isObject) : []
}

function lower(value: JsonValue): string {
  return String(value).toLowerCase()
}
