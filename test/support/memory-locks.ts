/** Locks of one simulated machine; `free` is what the kernel does when a process dies. */
import type { Locks } from '../../src/core/lock.ts'

export interface ProcessLocks extends Locks {
  free(): void
}

/** Of a machine where one process runs at a time; `process` gives those of one among several. */
export function memoryLocks(): ProcessLocks & { process(): ProcessLocks } {
  const held = new Map<string, object>()
  const process = (): ProcessLocks => {
    const own = new Set<object>()
    return {
      acquire(path) {
        if (held.has(path)) return null
        const grant = {}
        held.set(path, grant)
        own.add(grant)
        return { release: () => void (held.get(path) === grant && held.delete(path)) }
      },
      free() {
        for (const [path, grant] of held) if (own.has(grant)) held.delete(path)
      },
    }
  }
  return { ...process(), process }
}
