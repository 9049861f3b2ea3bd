/**
 * The contact centre of the demo: what happens in it, what of that is never sent, and its API,
 * which tells of all of it.
 */
import { seededRandom } from '../../core/random.ts'
import type { Truth } from '../../simulator/centre/truth.ts'
import { makeWorld } from '../../simulator/centre/world.ts'
import type { Cloud } from '../../simulator/cloud/cloud.ts'
import { harmlessFaults } from '../../simulator/traffic/faults.ts'
import type { Losses } from '../../simulator/traffic/losses.ts'
import { type Delivery, usualBatches } from '../../simulator/traffic/packing.ts'
import type { Told } from '../../simulator/traffic/telling.ts'
import { traffic } from '../../simulator/traffic/traffic.ts'
import type { Machine } from '../machine.ts'
import { startCentreApi } from '../simulated-centre.ts'

export interface Centre {
  readonly cloud: Cloud
  /** When its first conversation begins, ms. All of them are over before the demo begins. */
  readonly startAt: number
  readonly deliveries: Iterable<Delivery>
  /** By conversation, as far as deliveries were taken. */
  readonly truths: ReadonlyMap<string, Truth>
  readonly lost: Lost
}

export interface Lost {
  events: number
  readonly conversations: Set<string>
}

/** No conversation of the simulator is longer. */
const LONGEST_MS = 7_200_000
const CONVERSATIONS_PER_SECOND = 2
/** Of simulated time, for each event; on average it is half as much. */
const MOST_MS_AN_EVENT = 60

/** Whole conversations, and single steps without which figures of gold are wrong. */
const losses: Losses = {
  events: 100,
  conversations: 50,
  among: ({ happening, rendered }) =>
    (rendered.dialect === 'eventbridge' || rendered.dialect === 'notification') &&
    /^(customer|acd|user)\.(start|end)$/.test(happening.type),
}

export async function openCentre(
  machine: Machine,
  { seed, events }: { readonly seed: number; readonly events: number },
): Promise<Centre> {
  const cloud = await startCentreApi(machine, { seed, conversations: events })
  const random = seededRandom(seed)
  const world = makeWorld(random)
  const startAt = machine.clock.now() - LONGEST_MS - events * MOST_MS_AN_EVENT
  const truths = new Map<string, Truth>()
  const lost: Lost = { events: 0, conversations: new Set() }
  const onLost = ({ rendered }: Told) => {
    lost.events++
    if (rendered.conversationId !== null) lost.conversations.add(rendered.conversationId)
  }
  const deliveries = traffic(
    { world, random },
    {
      events,
      startAt,
      conversationsPerSecond: CONVERSATIONS_PER_SECOND,
      mix: {
        eventbridge: 7,
        notification: 2,
        'analytics-notification': 1,
        'event-subscription': 1,
      },
      faults: harmlessFaults,
      batches: usualBatches,
      losses: { ...losses, onLost },
      onConversation(conversation) {
        truths.set(conversation.truth.conversationId, conversation.truth)
        cloud.tell(conversation)
      },
    },
  )
  return { cloud, startAt, deliveries, truths, lost }
}
