/**
 * An agent's working days, without end: logging in and out, presence, and routing status.
 *
 * A day is eight hours of being on queue with a pause each hour or so. What an agent does here is
 * not bound to the conversations that name the agent.
 */
import type { Random } from '../../core/random.ts'
import { between, chance, duration, pick, pickWeighted } from './draw.ts'
import type { AgentHappening, Login, RoutingStatus } from './happening.ts'
import type { Agent, SystemPresence } from './world.ts'

const minute = 60_000
const hour = 60 * minute
const pauses: readonly SystemPresence[] = ['BREAK', 'MEAL', 'MEETING', 'TRAINING']
const afterIdle: readonly (readonly [RoutingStatus, number])[] = [
  ['INTERACTING', 85],
  ['COMMUNICATING', 10],
  ['NOT_RESPONDING', 5],
]

export function* agentDays(
  random: Random,
  options: { readonly agent: Agent; readonly startAt: number },
): Generator<AgentHappening, never> {
  const { agent } = options
  let now = options.startAt
  const login = (type: Login['type']): Login => ({ type, time: now, agent })
  const presence = (name: SystemPresence): AgentHappening => ({
    type: 'presence',
    time: now,
    agent,
    presence: name,
  })
  const routing = (status: RoutingStatus): AgentHappening => ({
    type: 'routingStatus',
    time: now,
    agent,
    status,
  })

  for (;;) {
    const dayEnd = now + 8 * hour
    yield login('agent.login')
    yield presence('AVAILABLE')
    now += between(random, 1000, 2 * minute)
    while (now < dayEnd) {
      yield presence('ON_QUEUE')
      const pauseAt = now + between(random, 40 * minute, 100 * minute)
      while (now < pauseAt) {
        yield routing('IDLE')
        now += duration(random, { least: 1000, typical: 40_000, most: 10 * minute })
        yield routing(pickWeighted(random, afterIdle))
        now += duration(random, { least: 5000, typical: 4 * minute, most: 30 * minute })
      }
      yield routing('OFF_QUEUE')
      yield presence(chance(random, 0.5) ? 'BREAK' : pick(random, pauses))
      now += between(random, 5 * minute, 30 * minute)
    }
    yield presence('OFFLINE')
    yield login('agent.logout')
    now += between(random, 14 * hour, 16 * hour)
  }
}
