/**
 * The life of a process with one role: components are started, run until told to stop, drained,
 * stopped.
 *
 * `starting` ends in `running` or, when a component does not start, in `failed` with all that was
 * started stopped again. `running` ends when `stop` aborts, or when a component reports that it
 * cannot go on. `draining` takes at most `drainMs`; what is then unfinished is cut off, which loses
 * nothing that was acknowledged.
 */
import type { Clock } from '../core/clock.ts'
import { errorText } from '../core/errors.ts'
import type { Lifecycle } from '../core/lifecycle.ts'
import { startAll, stopAll } from '../core/lifecycle.ts'
import type { Observer } from '../observe/events.ts'

export interface RoleDeps {
  readonly clock: Clock
  readonly observer: Observer
}

export interface RoleOptions {
  /** In the direction events flow. */
  readonly components: readonly Lifecycle[]
  readonly drainMs: number
  readonly stop: AbortSignal
  /** Rejects when a component cannot go on; never resolves otherwise. */
  readonly failure?: Promise<never>
  /** Called once everything is started. */
  readonly onReady?: () => void
}

/**
 * Resolves when it was told to stop and has. Rejects with what kept it from starting or running.
 */
export async function runRole(deps: RoleDeps, options: RoleOptions): Promise<void> {
  const { observer } = deps
  const { components, stop } = options
  const failure = failed(options.failure)
  try {
    await startAll(components, stop)
  } catch (error) {
    if (stop.aborted) return
    throw error
  }
  observer('process_started')
  options.onReady?.()
  const reason = await Promise.race([aborted(stop), failure])
  observer('process_stopping')
  const stopped = await stopWithin(deps, options).catch((error: unknown) => error)
  if (reason !== null) throw reason.error
  if (stopped !== null) throw stopped
  observer('process_stopped')
}

async function stopWithin({ clock }: RoleDeps, { components, drainMs }: RoleOptions) {
  const finished = new AbortController()
  const deadline = new AbortController()
  const expire = () => deadline.abort(new Error('it took too long to drain'))
  clock.sleep(drainMs, finished.signal).then(expire, () => undefined)
  try {
    await stopAll(components, deadline.signal)
    return null
  } finally {
    finished.abort()
  }
}

function aborted(signal: AbortSignal): Promise<null> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve(null)
    signal.addEventListener('abort', () => resolve(null), { once: true })
  })
}

async function failed(failure: Promise<never> | undefined): Promise<{ error: unknown }> {
  if (failure === undefined) return new Promise(() => undefined)
  return await failure.catch((error: unknown) => ({ error }))
}

/** For a line of output: an error and what it was caused by. */
export function failureText(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(errorText).join('; ')
  return errorText(error)
}
