/** What is observed at a queue, again and again without end: how many wait, talk and are free. */
import type { Random } from '../../core/random.ts'
import { between } from './draw.ts'
import type { Observation } from './happening.ts'
import type { Queue } from './world.ts'

/** The counts wander by small steps and are not those of the simulated conversations. */
export function* queueWatch(
  random: Random,
  options: { readonly queue: Queue; readonly startAt: number },
): Generator<Observation, never> {
  const { queue } = options
  const agents = queue.agents.length
  let time = options.startAt
  let waiting = random.below(4)
  let interacting = random.below(agents + 1)
  for (;;) {
    waiting = Math.max(0, waiting + between(random, -2, 2))
    interacting = Math.min(agents, Math.max(0, interacting + between(random, -1, 1)))
    yield {
      type: 'queue.observations',
      time,
      queueId: queue.id,
      mediaType: 'VOICE',
      waiting,
      interacting,
      idleAgents: agents - interacting,
      longestWaitingMs: between(random, 1, 600_000_000),
    }
    time += between(random, 5000, 60_000)
  }
}
