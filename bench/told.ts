/**
 * Bodies of a contact centre, told in several dialects, each once: what a lake gets. Of eight
 * conversations four come by EventBridge, two by a notification channel, one by the webhooks of
 * either guide; of one in eight there is an Analytics record as well. They bring detail events,
 * states of agents and metrics.
 */
import { seededRandom } from '../src/core/random.ts'
import { tellConversation } from '../src/simulator/centre/conversation.ts'
import { makeWorld } from '../src/simulator/centre/world.ts'
import { type ToldDialect, tellers } from '../src/simulator/render/dialects.ts'

const turns: readonly (readonly ToldDialect[])[] = [
  ['eventbridge', 'conversation-detail'],
  ['eventbridge'],
  ['notification'],
  ['eventbridge'],
  ['analytics-notification'],
  ['eventbridge'],
  ['notification'],
  ['event-subscription'],
]

const startAt = Date.UTC(2026, 0, 1, 9)
const betweenMs = 200

/** The same for the same seed, and others for another. */
export function* toldBodies(count: number, seed: number): Generator<Buffer> {
  const random = seededRandom(seed)
  const world = makeWorld(seededRandom(1))
  let told = 0
  for (let n = 0; ; n++) {
    const conversation = tellConversation({ world, random }, { startAt: startAt + n * betweenMs })
    for (const dialect of turns[n % turns.length] ?? []) {
      const { tells, render } = tellers[dialect]
      for (const happening of conversation.happenings.filter(({ type }) => tells.has(type))) {
        if (told++ === count) return
        yield Buffer.from(JSON.stringify(render(happening, { world, random, conversation }).value))
      }
    }
  }
}
