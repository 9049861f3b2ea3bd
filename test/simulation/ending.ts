/** Hooks for a forgetful disk that end simulated processes, refuse calls and make them overlap. */
import type { Random } from '../../src/core/random.ts'
import type { FileCall, Hooks } from './forgetful-calls.ts'
import { systemError } from './forgetful-tree.ts'

export interface Ending {
  /** The call that it happens at, or the first one behind it. */
  readonly ordinal: number
  readonly when: 'before' | 'after'
  readonly end: () => void
}

export function endAt(endings: readonly Ending[]): Hooks {
  const waiting = new Set(endings)
  const hook = (when: Ending['when']) => (call: FileCall) => {
    for (const ending of waiting) {
      if (ending.when !== when || call.ordinal < ending.ordinal) continue
      waiting.delete(ending)
      ending.end()
    }
  }
  return { before: hook('before'), after: hook('after') }
}

const changes: readonly FileCall['operation'][] = [
  'write',
  'sync',
  'syncFolder',
  'link',
  'rename',
  'remove',
]

/** Refuses one in `rate` of the calls that change the disk; half of those are done all the same. */
export function refuseSome(random: Random, rate: number): Hooks {
  const hook = ({ operation, path }: FileCall) => {
    if (!changes.includes(operation) || random.below(2 * rate) > 0) return
    throw systemError('EIO', operation, path)
  }
  return { before: hook, after: hook }
}

/** Lets each call wait while others go on, so that processes meet in every order. */
export function waitSome(random: Random): Hooks {
  return {
    before: async () => {
      for (let turns = random.below(6); turns > 0; turns--) await null
    },
  }
}

/** All of the hooks, one after another. */
export function together(hooks: readonly Hooks[]): Hooks {
  const run = (when: 'before' | 'after') => async (call: FileCall) => {
    for (const hook of hooks) await hook[when]?.(call)
  }
  const skipSync = hooks.find((hook) => hook.skipSync !== undefined)?.skipSync
  return { before: run('before'), after: run('after'), skipSync }
}
