/** Calls that a disk refuses now and then, and processes that live with it. */
import { isSystemError } from '../../src/core/files.ts'
import type { Random } from '../../src/core/random.ts'
import type { FileCall, Hooks } from './forgetful-calls.ts'
import { systemError } from './forgetful-tree.ts'

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

/** Again and again, as long as it is only refused. */
export async function untilDone<T>(task: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await task()
    } catch (error) {
      ignoreRefusal(error)
    }
  }
}

export function ignoreRefusal(error: unknown): void {
  if (!isSystemError(error, 'EIO')) throw error
}
