/**
 * What a command may touch of the process that it runs in. The real one is made in ./main.ts; tests
 * make their own and run commands in their own process.
 */
import type { ChildCommand } from '../app/child.ts'
import type { Machine } from '../app/machine.ts'
import type { AnswerParent } from '../app/metrics.ts'

export interface Shell {
  readonly machine: Machine
  readonly stdout: (text: string) => void
  readonly stderr: (text: string) => void
  /** All of stdin. */
  readonly readInput: () => Promise<string>
  /** True where a person watches what goes to stderr. */
  readonly watched: boolean
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Relative paths of the command line start here. */
  readonly folder: string
  readonly version: string
  /** Such as `26.1.0`. */
  readonly nodeVersion: string
  /** Aborts at the first signal to end: finish what was accepted. */
  readonly stop: AbortSignal
  /** Aborts at the second: end at once. */
  readonly hurry: AbortSignal
  /** Lets processes at the door have the processor first. */
  readonly giveWay: () => void
  /** How this command starts another of itself. */
  readonly self: Omit<ChildCommand, 'args'>
  /** Told once a role is up; says so to the process that started it, if one did. */
  readonly ready: () => void
  /** Has the process that started this one told its metrics; null where none did. */
  readonly answerParent: AnswerParent | null
}
