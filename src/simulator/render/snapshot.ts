/**
 * A conversation as it stood at one moment: what the dialects of the two guides tell again and
 * again.
 */
import type { Conversation } from '../centre/conversation.ts'
import { spent, wrapUps } from '../centre/truth.ts'
import type { Agent, Queue, World } from '../centre/world.ts'

export interface Snapshot {
  readonly waitMs: number
  readonly talkMs: number
  readonly holdMs: number
  readonly acwMs: number
  /** The last queue so far; null where there was none. */
  readonly queue: Queue | null
  /** Those who took part so far, in order. */
  readonly agents: readonly Agent[]
  /** The name of the last code recorded so far, in lower case. */
  readonly wrapUpCode: string | null
}

export function snapshotAt(conversation: Conversation, world: World, time: number): Snapshot {
  const { spans, truth } = conversation
  const places = [...truth.visits, ...truth.legs].filter((part) => part.from <= time)
  const queueId = places
    .toSorted((one, other) => one.from - other.from)
    .findLast((part) => part.queueId !== null)?.queueId
  const agents = truth.legs.filter((leg) => leg.from <= time).map((leg) => leg.party.agent)
  const code = wrapUps(truth.legs, time).at(-1)?.code
  return {
    waitMs: spent(spans, ['wait'], time),
    talkMs: spent(spans, ['talk'], time),
    holdMs: spent(spans, ['hold'], time),
    acwMs: spent(spans, ['acw'], time),
    queue: world.queues.find((queue) => queue.id === queueId) ?? null,
    agents: [...new Set(agents.filter((agent) => agent !== null))],
    wrapUpCode: code === undefined ? null : codeName(world, code),
  }
}

export function codeName(world: World, id: string): string {
  return world.wrapUpCodes.find((code) => code.id === id)?.name.toLowerCase() ?? id
}
