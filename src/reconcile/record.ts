/**
 * What an Analytics record says of its conversation, as far as it can be compared with what the
 * lake was told: when, by which steps, for how long, and its identity as an event.
 *
 * A step is a session and what happened to it, `<session id> user.start`, as detail events name it.
 * Figures are sums over the conversation, ms. Pure; what a record lacks it is not held against.
 */
import { textAt } from '../event/fields.ts'
import { isArray, isObject, parseJson } from '../event/json.ts'
import { ArrayView, type JsonView, ObjectView, viewJson } from '../event/json-view.ts'
import { recognise } from '../event/recognise.ts'
import { readTime } from '../event/time.ts'

export const figureNames = ['wait', 'talk', 'hold', 'acw'] as const
export type FigureName = (typeof figureNames)[number]
export type Figures = Readonly<Record<FigureName, number>>

export interface RecordFacts {
  readonly conversationId: string
  /** The id that it has as an event: only the same record has the same. */
  readonly eventId: string
  /**
   * The id that it has as a query tells it, where it is told by a job: without the attributes of
   * participants. Null where it has none.
   */
  readonly queriedId: string | null
  /** When the conversation began, ms since the epoch; null where that cannot be read. */
  readonly start: number | null
  /** The time that it is filed under as an event; null for that of receipt. */
  readonly filedAt: number | null
  /** Without one there is no row by which the lake would know it. */
  readonly hasSessions: boolean
  /** False while the conversation goes on. */
  readonly isOver: boolean
  /** The first queue that it names. */
  readonly queueId: string | null
  readonly steps: ReadonlySet<string>
  readonly figures: Figures
}

/** What detail events call the part of a participant. Others have no detail events of their own. */
const partOf: Readonly<Record<string, string>> = {
  customer: 'customer',
  external: 'customer',
  acd: 'acd',
  agent: 'user',
  user: 'user',
  ivr: 'flow',
  botflow: 'flow',
  voicemail: 'voicemail',
}

/** By the part, which metrics add up to which figure. */
const figureOf: Readonly<Record<string, Readonly<Record<string, FigureName>>>> = {
  acd: { tAcd: 'wait' },
  user: { tTalk: 'talk', tHeld: 'hold', tAcw: 'acw' },
}

const readAs = { eventTypes: new Set<string>(), dialects: ['conversation-detail'] as const }

/** Null where it is not what Inlet takes for the record of a conversation. */
export function factsOf(view: ObjectView, slice: Uint8Array): RecordFacts | null {
  const { dialect, eventId, conversationId, eventTime } = recognise(view, slice, readAs)
  if (dialect !== 'conversation-detail' || conversationId === null) return null
  const isOver = readTime(view.member('conversationEnd')) !== null
  const steps = new Set<string>()
  const figures = { wait: 0, talk: 0, hold: 0, acw: 0 }
  let queueId: string | null = null
  let hasSessions = false
  for (const participant of objectsIn(view, 'participants')) {
    const part = partOf[textAt(participant, 'purpose') ?? '']
    for (const session of objectsIn(participant, 'sessions')) {
      hasSessions = true
      for (const segment of objectsIn(session, 'segments')) queueId ??= textAt(segment, 'queueId')
      if (part === undefined) continue
      for (const { name, value } of metricsIn(session)) {
        const figure = figureOf[part]?.[name]
        if (figure !== undefined) figures[figure] += value
      }
      for (const step of stepsOf(session, { part, isOver })) steps.add(step)
    }
  }
  const start = readTime(view.member('conversationStart'))
  const ids = { conversationId, eventId, queriedId: queriedIdOf(view, slice) }
  const times = { start, filedAt: eventTime, isOver }
  return { ...ids, ...times, hasSessions, queueId, steps, figures }
}

function queriedIdOf(view: ObjectView, slice: Uint8Array): string | null {
  if (!objectsIn(view, 'participants').some((one) => one.has('attributes'))) return null
  const record = parseJson(Buffer.from(slice).toString())
  if (!isObject(record) || !isArray(record['participants'])) return null
  const participants = record['participants'].map((one) => {
    if (!isObject(one)) return one
    const { attributes: _, ...queried } = one
    return queried
  })
  const queried = Buffer.from(JSON.stringify({ ...record, participants }))
  const value = viewJson(queried)
  return value instanceof ObjectView ? recognise(value, queried, readAs).eventId : null
}

function stepsOf(session: ObjectView, { part, isOver }: { part: string; isOver: boolean }) {
  const sessionId = textAt(session, 'sessionId')
  if (sessionId === null || objectsIn(session, 'segments').length === 0) return []
  const isWrappedUp = part === 'user' && metricsIn(session).some(({ name }) => name === 'tAcw')
  return [
    `${sessionId} ${part}.start`,
    ...(isOver ? [`${sessionId} ${part}.end`] : []),
    ...(isWrappedUp ? [`${sessionId} acw`] : []),
  ]
}

function metricsIn(session: ObjectView): { name: string; value: number }[] {
  return objectsIn(session, 'metrics').flatMap((metric) => {
    const name = textAt(metric, 'name')
    const value = metric.member('value')
    return name !== null && typeof value === 'number' ? [{ name, value }] : []
  })
}

function objectsIn(object: ObjectView, name: string): ObjectView[] {
  const list: JsonView | undefined = object.member(name)
  if (!(list instanceof ArrayView)) return []
  return [...list.elements()].flatMap(({ value }) => (value instanceof ObjectView ? [value] : []))
}
