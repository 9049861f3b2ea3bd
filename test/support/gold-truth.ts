/** What intervals of gold should say of what the simulator let happen, counted without SQL. */
import type { Conversation } from '../../src/simulator/centre/conversation.ts'
import type { Happening } from '../../src/simulator/centre/happening.ts'
import { handling, spent } from '../../src/simulator/centre/truth.ts'
import { lowerCamel } from '../../src/simulator/render/rendered.ts'

const HALF_HOUR_MS = 30 * 60_000
const DAY_MS = 86_400_000

const work = ['handled', 'talk_ms', 'hold_ms', 'acw_ms', 'handle_ms'] as const
const waits = [
  ...['offered', 'answered', 'abandoned', 'short_abandoned', 'flowed_out', 'answered_in_time'],
  ...['answer_ms', 'abandon_ms'],
] as const
export const sums: { readonly queues: readonly string[]; readonly work: readonly string[] } = {
  queues: [...waits, ...work],
  work,
}

type Sums = Readonly<Record<string, number>>
/** By what stands before its half hour in the key. */
export type Intervals = Map<string, Sums>

export function halfHourOf(time: number): string {
  return new Date(time - (time % HALF_HOUR_MS)).toISOString()
}

function add(found: Intervals, key: string, more: Sums): void {
  const had: Record<string, number> = { ...found.get(key) }
  for (const [name, value] of Object.entries(more)) had[name] = (had[name] ?? 0) + value
  found.set(key, had)
}

const none = (names: readonly string[]) => Object.fromEntries(names.map((name) => [name, 0]))

/** `<queue> <medium> <half hour>`, thresholds in ms. */
export function queueTruth(
  conversations: readonly Conversation[],
  { withinMs, shortMs }: { readonly withinMs: number; readonly shortMs: number },
): Intervals {
  const found: Intervals = new Map()
  for (const { truth } of conversations)
    for (const { queueId, from, to, outcome } of truth.visits) {
      const wait = to - from
      const tell = (at: number, more: Sums) =>
        add(found, `${queueId} ${truth.mediaType} ${halfHourOf(at)}`, {
          ...none(sums.queues),
          ...more,
        })
      tell(from, { offered: 1 })
      if (outcome === 'ANSWERED')
        tell(to, { answered: 1, answer_ms: wait, answered_in_time: Number(wait <= withinMs) })
      if (outcome === 'ABANDON')
        tell(to, { abandoned: 1, abandon_ms: wait, short_abandoned: Number(wait < shortMs) })
      if (outcome === 'FLOW_OUT') tell(to, { flowed_out: 1 })
    }
  for (const [queueId, key, more] of parts(conversations))
    if (queueId !== null) add(found, `${queueId} ${key}`, { ...none(waits), ...more })
  return found
}

/** `<agent> <medium> <half hour>`. */
export function workTruth(conversations: readonly Conversation[]): Intervals {
  const found: Intervals = new Map()
  for (const [, key, more, userId] of parts(conversations)) add(found, `${userId} ${key}`, more)
  return found
}

/** What agents' parts emit: the queue, the medium and half hour, the sums, the agent. */
function* parts(
  conversations: readonly Conversation[],
): Generator<readonly [string | null, string, Sums, string]> {
  for (const { truth, spans } of conversations)
    for (const { party, queueId, userId, to, wrapUp } of truth.legs) {
      const own = spans.filter((span) => span.party === party)
      const tell = (at: number, more: Sums) => {
        const key = `${truth.mediaType} ${halfHourOf(at)}`
        return [queueId, key, { ...none(work), ...more }, userId] as const
      }
      yield tell(to, { talk_ms: spent(own, ['talk']), hold_ms: spent(own, ['hold']) })
      const settledAt = wrapUp?.at ?? to
      if (wrapUp !== null) yield tell(settledAt, { acw_ms: spent(own, ['acw']) })
      const handle = spent(own, handling)
      if (handle > 0) yield tell(settledAt, { handled: 1, handle_ms: handle })
    }
}

interface Change {
  readonly userId: string
  readonly kind: string
  /** States of it follow each other. */
  readonly thread: string
  readonly state: string
  readonly at: number
}

function changeOf(happening: Happening): Change | null {
  const { type, time: at } = happening
  switch (type) {
    case 'presence':
      return change({ happening, kind: type, state: lowerCamel(happening.presence) })
    case 'routingStatus':
      return change({ happening, kind: type, state: lowerCamel(happening.status) })
    case 'agent.login':
      return change({ happening, kind: 'login', state: 'loggedIn' })
    case 'agent.logout':
      return change({ happening, kind: 'login', state: 'loggedOut' })
    case 'agent.state': {
      const { agent, party, state } = happening
      const told = { kind: 'session', state: lowerCamel(state), at }
      return { userId: agent.id, thread: `session ${party.sessionId}`, ...told }
    }
    default:
      return null
  }
}

function change(told: {
  readonly happening: Extract<Happening, { agent: { id: string } }>
  readonly kind: string
  readonly state: string
}): Change {
  const { happening, kind, state } = told
  return { userId: happening.agent.id, thread: kind, kind, state, at: happening.time }
}

/** `<agent> <kind> <state> <half hour>`: ms in the state, and how often it was entered. */
export function agentTruth(happenings: readonly Happening[]): Intervals {
  const found: Intervals = new Map()
  const changes = happenings.flatMap((happening) => changeOf(happening) ?? [])
  for (const own of Map.groupBy(changes, ({ userId }) => userId).values()) {
    const heardAt = Math.max(...own.map(({ at }) => at))
    for (const thread of Map.groupBy(own, (one) => one.thread).values()) {
      const inOrder = thread.toSorted((one, other) => one.at - other.at)
      for (const [index, one] of inOrder.entries()) {
        const next = inOrder[index + 1]?.at ?? heardAt
        stretch(found, one, Math.min(next, one.at + DAY_MS))
      }
    }
  }
  return found
}

function stretch(found: Intervals, { userId, kind, state, at }: Change, until: number): void {
  if (state === 'terminated' || state === 'loggedOut') return
  for (let from = at; from === at || from < until; ) {
    const to = Math.min(until, from - (from % HALF_HOUR_MS) + HALF_HOUR_MS)
    const told = { state_ms: to - from, entered: Number(from === at) }
    add(found, `${userId} ${kind} ${state} ${halfHourOf(from)}`, told)
    if (to === until) return
    from = to
  }
}
