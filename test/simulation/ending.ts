/** Hooks for a forgetful disk that end simulated processes and make their calls overlap. */

import type { Files } from '../../src/core/files.ts'
import type { Random } from '../../src/core/random.ts'
import { type FileCall, type Hooks, ProcessGone } from './forgetful-calls.ts'

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

export async function isGone(files: Files): Promise<boolean> {
  return await files.stat('/').then(
    () => false,
    (reason: unknown) => reason instanceof ProcessGone,
  )
}
