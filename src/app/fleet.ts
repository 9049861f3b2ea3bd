/**
 * The processes that `inlet run` has started and that are alive: what asks all of them at once.
 */
import type { Clock } from '../core/clock.ts'
import type { Measured } from '../observe/metrics.ts'
import type { Families } from '../ops/families.ts'
import type { Child, Part } from './supervisor.ts'

/** A process that does not answer in time is left out: its metrics are missing, not the others'. */
const ANSWER_WITHIN_MS = 2000

/** A child that tells its metrics. */
export interface MeasuredChild extends Child {
  /** Never resolves where the child is gone before it answers. */
  metrics(): Promise<unknown>
}

export interface Fleet extends Measured {
  readonly spawn: (part: Part) => Child
  /** The metrics of every process that answers. */
  metrics(): Promise<Families[]>
}

export function openFleet(deps: {
  readonly clock: Clock
  readonly spawn: (part: Part) => MeasuredChild
}): Fleet {
  const alive = new Set<MeasuredChild>()
  let started = 0
  const ask = async (child: MeasuredChild): Promise<Families[]> => {
    const answered = new AbortController()
    const late = deps.clock.sleep(ANSWER_WITHIN_MS, answered.signal).catch(() => null)
    const answer = await Promise.race([child.metrics(), child.exited, late])
    answered.abort()
    return isFamilies(answer) ? [answer] : []
  }
  return {
    spawn(part) {
      const child = deps.spawn(part)
      alive.add(child)
      started++
      void child.exited.then(() => alive.delete(child))
      return child
    },
    async metrics() {
      return (await Promise.all([...alive].map(ask))).flat()
    },
    measure(reading) {
      reading.number('inlet_processes_started_total', started, {})
    },
  }
}

/** What comes over the channel was made by `readFamilies` of the same version. */
function isFamilies(answer: unknown): answer is Families {
  return Array.isArray(answer)
}
