/**
 * Tasks of a loader that may fail for a while, such as reading a disk. Each is tried again after a
 * pause of its own, which grows; none holds up another. Only a fatal error is passed on.
 */
import type { Clock } from '../core/clock.ts'
import { InletError } from '../core/errors.ts'

const FIRST_RETRY_MS = 200
const LONGEST_RETRY_MS = 30_000

export interface AttemptsDeps {
  readonly clock: Clock
  /** Told of each failure, and how long it is until the task is tried again. */
  readonly report: (error: unknown, waitMs: number) => void
  /** What is passed on beside fatal errors, such as where nobody waits for it to be mended. */
  readonly isFinal?: (error: unknown) => boolean
}

interface Pause {
  readonly waitMs: number
  readonly until: number
}

export class Attempts {
  readonly #deps: AttemptsDeps
  readonly #pauses = new Map<string, Pause>()

  constructor(deps: AttemptsDeps) {
    this.#deps = deps
  }

  /** Milliseconds until a task that failed may be tried again; null where none has. */
  get retryInMs(): number | null {
    if (this.#pauses.size === 0) return null
    const next = Math.min(...[...this.#pauses.values()].map(({ until }) => until))
    return Math.max(0, next - this.#deps.clock.elapsed())
  }

  /** What the task resolves to; `otherwise` while it pauses and where it fails. */
  async attempt<T>(name: string, task: () => Promise<T>, otherwise: T): Promise<T> {
    const { clock, report } = this.#deps
    const pause = this.#pauses.get(name)
    if (pause !== undefined && clock.elapsed() < pause.until) return otherwise
    try {
      const result = await task()
      this.#pauses.delete(name)
      return result
    } catch (error) {
      if (isFatal(error) || this.#deps.isFinal?.(error)) throw error
      const waitMs = nextPause(pause?.waitMs)
      this.#pauses.set(name, { waitMs, until: clock.elapsed() + waitMs })
      report(error, waitMs)
      return otherwise
    }
  }
}

/** Tries one task until it works; rejects with its error where that is fatal or `signal` aborts. */
export async function persist<T>(
  { clock, report, isFinal }: AttemptsDeps,
  task: () => Promise<T>,
  signal: AbortSignal,
): Promise<T> {
  for (let waitMs = nextPause(); ; waitMs = nextPause(waitMs)) {
    try {
      return await task()
    } catch (error) {
      if (isFatal(error) || isFinal?.(error) || signal.aborted) throw error
      report(error, waitMs)
      await clock.sleep(waitMs, signal)
    }
  }
}

function isFatal(error: unknown): boolean {
  return error instanceof InletError && error.disposition === 'fatal'
}

function nextPause(last?: number): number {
  return last === undefined ? FIRST_RETRY_MS : Math.min(2 * last, LONGEST_RETRY_MS)
}
