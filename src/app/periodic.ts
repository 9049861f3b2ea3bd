/**
 * Something that is done again and again beside the work of a process, one time after the other.
 *
 * Guarantee: it never holds up a stop for longer than `STOP_MS`. What fails is told and tried again
 * at its next time.
 */
import type { Clock } from '../core/clock.ts'
import type { Lifecycle } from '../core/lifecycle.ts'

const STOP_MS = 2000

export interface PeriodicOptions {
  readonly name: string
  readonly firstAfterMs: number
  readonly everyMs: number
  readonly task: (signal: AbortSignal) => Promise<void>
  readonly onError: (error: unknown) => void
}

export function periodic(clock: Clock, options: PeriodicOptions): Lifecycle {
  const { name, firstAfterMs, everyMs, task, onError } = options
  const stopping = new AbortController()
  const { signal } = stopping
  let running: Promise<void> | null = null
  const run = async () => {
    for (let wait = firstAfterMs; !signal.aborted; wait = everyMs) {
      await clock.sleep(wait, signal).catch(() => undefined)
      if (signal.aborted) return
      await task(signal).catch((error: unknown) => {
        if (!signal.aborted) onError(error)
      })
    }
  }
  return {
    name,
    async start() {
      running ??= run()
    },
    async drain() {},
    async stop() {
      stopping.abort(new Error(`${name} is stopping`))
      if (running !== null) await Promise.race([running, clock.sleep(STOP_MS)])
    },
  }
}
