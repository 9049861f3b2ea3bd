/** What every simulated history comes to. */
import type { Hooks } from './forgetful-calls.ts'

export interface HistoryReport {
  /** What was lost, doubled or torn, in words; empty for a sound history. */
  readonly faults: readonly string[]
  /** Ends of processes, by SIGKILL or by a loss of power. */
  readonly crashes: number
  /** How often a process was told that something is safe. */
  readonly promises: number
}

/** The same seed gives the same history; `skipSync` takes syncs away from the code. */
export type History = (seed: number, skipSync?: Hooks['skipSync']) => Promise<HistoryReport>
