/**
 * Everything that happens in the contact centre, as one stream of told events in order of simulated
 * time. It is woven of strands: each conversation, each agent, each queue.
 *
 * Memory is bounded by the conversations that are under way at once, whatever the number of events.
 * Each strand is told in one dialect, drawn from the mix, unless all are to tell it. Once enough
 * events are told or owed, nothing new begins, agents and queues fall silent, and the conversations
 * under way are told to their ends: so every conversation in the stream is whole.
 */
import type { Random } from '../../core/random.ts'
import { agentDays } from '../centre/agent-day.ts'
import { type Conversation, tellConversation } from '../centre/conversation.ts'
import { between, fork, pickWeighted } from '../centre/draw.ts'
import type { AgentHappening, Happening, HappeningType } from '../centre/happening.ts'
import { queueWatch } from '../centre/queue-watch.ts'
import type { World } from '../centre/world.ts'
import { type ToldDialect, tellers, toldDialects } from '../render/dialects.ts'
import type { Rendered, Scene, Teller } from '../render/rendered.ts'
import { TimeHeap } from './heap.ts'

export interface Told {
  /** Simulated time, ms since the epoch. */
  readonly at: number
  readonly happening: Happening
  readonly rendered: Rendered
  readonly teller: Teller
}

export interface TellingOptions {
  /** About how many events are told: the last conversation's come on top. */
  readonly events: number
  readonly startAt: number
  /** Conversations that begin in a second of simulated time, on average. */
  readonly conversationsPerSecond: number
  /** Every so often, conversations begin `factor` times as often for a while. */
  readonly bursts?: Bursts
  /** How often each dialect is told in, against the others. */
  readonly mix: Partial<Record<ToldDialect, number>>
  /** All dialects of the mix tell everything, in place of one that is drawn. */
  readonly isToldByAll?: boolean
  /** Called as each conversation begins, with all that will happen in it. */
  readonly onConversation?: (conversation: Conversation, dialect: ToldDialect) => void
  /**
   * Called as each happening is told: the truth of what is in no conversation, such as presence.
   */
  readonly onHappening?: (happening: Happening) => void
}

export interface Bursts {
  readonly everyMs: number
  readonly lastsMs: number
  readonly factor: number
}

export interface TellingDeps {
  readonly world: World
  readonly random: Random
}

/** A moment of a strand: something is told, or a conversation begins. */
interface Beat {
  readonly at: number
  readonly told: Told | null
  readonly begins: (() => Strand) | null
}

interface Strand {
  readonly beats: Iterator<Beat>
  /** Events that it will tell; null for a strand without end. */
  readonly owed: number | null
}

export function* telling(deps: TellingDeps, options: TellingOptions): Generator<Told, void> {
  const heap = new TimeHeap<{ strand: Strand; beat: Beat }>()
  const goOn = (strand: Strand) => {
    const next = strand.beats.next()
    if (next.done !== true) heap.push(next.value.at, { strand, beat: next.value })
  }
  for (const beats of endless(deps, options)) goOn({ beats, owed: null })

  let left = options.events
  for (let next = heap.pop(); next !== undefined; next = heap.pop()) {
    const { strand, beat } = next
    const isEndless = strand.owed === null
    if (isEndless && left <= 0) continue
    const begun = beat.begins?.()
    if (begun !== undefined) goOn(begun)
    left -= (begun?.owed ?? 0) + (isEndless && beat.told !== null ? 1 : 0)
    if (beat.told !== null) {
      options.onHappening?.(beat.told.happening)
      yield beat.told
    }
    goOn(strand)
  }
}

const agentTypes: readonly AgentHappening['type'][] = [
  'presence',
  'routingStatus',
  'agent.login',
  'agent.logout',
]

function endless(deps: TellingDeps, options: TellingOptions): Iterator<Beat>[] {
  const { world, random } = deps
  const { startAt } = options
  const solo = (types: readonly HappeningType[], happenings: Iterable<Happening>) => {
    const chosen = tellersOf(drawDialect(random, options.mix), options)
    const scene = { world, random: fork(random), conversation: null }
    const isTold = chosen.some((teller) => types.some((type) => teller.tells.has(type)))
    // Dialects that are silent about all of it would look for something to tell for ever.
    return isTold ? [beatsOf(happenings, chosen, scene)] : []
  }
  return [
    arrivals({ world, random: fork(random) }, options),
    ...world.agents.flatMap((agent) => {
      const firstDay = startAt + between(random, 0, 120_000)
      return solo(agentTypes, agentDays(fork(random), { agent, startAt: firstDay }))
    }),
    ...world.queues.flatMap((queue) =>
      solo(['queue.observations'], queueWatch(fork(random), { queue, startAt })),
    ),
  ]
}

function* arrivals({ world, random }: TellingDeps, options: TellingOptions): Generator<Beat> {
  const { startAt, conversationsPerSecond, bursts } = options
  const ids = fork(random)
  let at = startAt
  for (;;) {
    const inBurst = bursts !== undefined && (at - startAt) % bursts.everyMs < bursts.lastsMs
    const perSecond = conversationsPerSecond * (inBurst ? bursts.factor : 1)
    at += (-Math.log(1 - random.next()) * 1000) / perSecond
    const begins = () => {
      const conversation = tellConversation({ world, random }, { startAt: Math.floor(at) })
      const dialect = drawDialect(random, options.mix)
      options.onConversation?.(conversation, dialect)
      const chosen = tellersOf(dialect, options)
      const { happenings } = conversation
      const counts = chosen.map(
        ({ tells }) => happenings.filter(({ type }) => tells.has(type)).length,
      )
      return {
        beats: beatsOf(happenings, chosen, { world, random: ids, conversation }),
        owed: counts.reduce((sum, count) => sum + count, 0),
      }
    }
    yield { at: Math.floor(at), told: null, begins }
  }
}

function* beatsOf(
  happenings: Iterable<Happening>,
  chosen: readonly Teller[],
  scene: Scene,
): Generator<Beat> {
  for (const happening of happenings)
    for (const teller of chosen) {
      if (!teller.tells.has(happening.type)) continue
      const { time: at } = happening
      const rendered = teller.render(happening, scene)
      yield { at, told: { at, happening, rendered, teller }, begins: null }
    }
}

function tellersOf(drawn: ToldDialect, { mix, isToldByAll }: TellingOptions): readonly Teller[] {
  const all = toldDialects.filter((dialect) => (mix[dialect] ?? 0) > 0)
  return (isToldByAll ? all : [drawn]).map((dialect) => tellers[dialect])
}

function drawDialect(random: Random, mix: TellingOptions['mix']): ToldDialect {
  return pickWeighted(
    random,
    toldDialects.map((dialect) => [dialect, mix[dialect] ?? 0] as const),
  )
}
