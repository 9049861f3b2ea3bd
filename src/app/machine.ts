/** What every part is built from: the real machine, or its twin in a test. */
import type { Clock } from '../core/clock.ts'
import { systemClock } from '../core/clock.ts'
import type { Files } from '../core/files.ts'
import type { Locks } from '../core/lock.ts'
import { sqliteLocks } from '../core/lock.ts'
import { nodeFiles } from '../core/node-files.ts'
import type { Random } from '../core/random.ts'
import { systemRandom } from '../core/random.ts'

export interface Machine {
  readonly files: Files
  readonly locks: Locks
  readonly clock: Clock
  readonly random: Random
}

export const realMachine: Machine = {
  files: nodeFiles,
  locks: sqliteLocks,
  clock: systemClock,
  random: systemRandom,
}
