/** Locks of one simulated machine; `free` is what the kernel does when a process dies. */
import type { Locks } from '../../src/core/lock.ts'

export function memoryLocks(): Locks & { free(): void } {
  const held = new Set<string>()
  return {
    acquire(path) {
      if (held.has(path)) return null
      held.add(path)
      return { release: () => void held.delete(path) }
    },
    free: () => held.clear(),
  }
}
