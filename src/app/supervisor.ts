/**
 * `run`: gateways, channels, loader and sinks as processes of their own, so that none can slow or
 * end another.
 *
 * All begin at once: a gateway needs nothing behind its journal. A process that ends is started
 * again, and the others never notice: at once where it ended well, for then somebody told it to,
 * and after a growing pause where it failed. Starting again cannot help one that never came up
 * because its configuration is wrong, or a gateway that never came up at all (its journal has
 * another writer): then everything is stopped and its exit code is the result. One that was up
 * before is tried again now and then: a file that was spoilt since must not stop the others.
 *
 * Told to stop, the gateways drain and end first, then the channels, then the loader lands what
 * they left and ends. What takes longer than `graceMs` is killed, which loses nothing that was
 * acknowledged.
 */
import { type Backoff, backoffDelay } from '../core/backoff.ts'
import type { Clock } from '../core/clock.ts'
import type { Random } from '../core/random.ts'
import type { Observer } from '../observe/events.ts'

export type Role = 'gateway' | 'channels' | 'reconcile' | 'loader' | 'sinks'

/** A process that is to run. */
export interface Part {
  readonly role: Role
  /** What it is called where it is spoken of, such as `gateway-1`. */
  readonly name: string
  /** Which gateway of several it is. */
  readonly worker?: number
}

export const channelsPart: Part = { role: 'channels', name: 'channels' }
export const loaderPart: Part = { role: 'loader', name: 'loader' }
export const reconcilePart: Part = { role: 'reconcile', name: 'reconcile' }
export const sinksPart: Part = { role: 'sinks', name: 'sinks' }

export function gatewayParts(workers: number): Part[] {
  return Array.from({ length: workers }, (_, worker) => {
    return { role: 'gateway', name: gatewayName(worker, workers), worker }
  })
}

/** Without its number where it is the only one. */
export function gatewayName(worker: number, workers: number): string {
  return workers === 1 ? 'gateway' : `gateway-${worker}`
}

/** A process that was started. */
export interface Child {
  /** Resolves once it is ready to work; never, if it ends before. */
  readonly ready: Promise<void>
  readonly exited: Promise<ChildExit>
  /** Asks it to finish what it has accepted. */
  terminate(): void
  kill(): void
}

export interface ChildExit {
  /** Null when a signal ended it. */
  readonly code: number | null
  readonly signal: string | null
}

export interface SupervisorDeps {
  readonly spawn: (part: Part) => Child
  readonly clock: Clock
  readonly random: Random
  readonly observer: Observer
}

export interface SupervisorOptions {
  /** In the order in which they are stopped; those of one stage end at the same time. */
  readonly stages: readonly (readonly Part[])[]
  /** Ends everything in order. */
  readonly stop: AbortSignal
  /** Ends everything at once. */
  readonly hurry: AbortSignal
  /** For each stage. */
  readonly graceMs: number
  readonly onReady?: () => void
  /** Called before anything is told to stop. */
  readonly onStopping?: () => void
}

/** The exit code of a process with a wrong configuration. */
export const CONFIGURATION_EXIT = 2

const restarts: Backoff = { baseMs: 500, maxMs: 60_000 }
/** Whoever ran this long is started again as if for the first time. */
const soundAfterMs = 120_000

/** Resolves to the exit code: 0 when all ended as they were told to. */
export async function supervise(deps: SupervisorDeps, options: SupervisorOptions): Promise<number> {
  const { stop, hurry, graceMs } = options
  const stages = options.stages.map((parts) => parts.map((part) => new Keeper(deps, part)))
  const keepers = stages.flat()
  const kill = () => {
    for (const keeper of keepers) keeper.kill()
  }
  hurry.addEventListener('abort', kill, { once: true })
  for (const keeper of keepers) keeper.start()
  void Promise.all(keepers.map((keeper) => keeper.ready)).then(() => options.onReady?.())
  const given = await Promise.race([aborted(stop), ...keepers.map((one) => one.givenUp)])
  options.onStopping?.()
  const codes: number[] = []
  for (const stage of stages) {
    codes.push(...(await Promise.all(stage.map((keeper) => keeper.stop(graceMs)))))
  }
  hurry.removeEventListener('abort', kill)
  return given ?? Math.max(...codes)
}

/** Keeps one process running. */
class Keeper {
  readonly #deps: SupervisorDeps
  readonly #part: Part
  readonly #stopping = new AbortController()
  readonly #ready = Promise.withResolvers<void>()
  readonly #givenUp = Promise.withResolvers<number>()
  #child: Child | null = null
  #running: Promise<number> = Promise.resolve(0)
  #everReady = false

  constructor(deps: SupervisorDeps, part: Part) {
    this.#deps = deps
    this.#part = part
  }

  /** The first time that it is ready. */
  get ready(): Promise<void> {
    return this.#ready.promise
  }

  /** The exit code, when starting again cannot help. */
  get givenUp(): Promise<number> {
    return this.#givenUp.promise
  }

  start() {
    this.#running = this.#run()
  }

  /** Resolves to the last exit code once the process is gone. */
  async stop(graceMs: number): Promise<number> {
    this.#stopping.abort()
    this.#child?.terminate()
    const late = new AbortController()
    this.#deps.clock.sleep(graceMs, late.signal).then(
      () => this.kill(),
      () => undefined,
    )
    const code = await this.#running
    late.abort()
    return code
  }

  kill() {
    this.#stopping.abort()
    this.#child?.kill()
  }

  async #run(): Promise<number> {
    const { clock, observer } = this.#deps
    const { signal } = this.#stopping
    for (let tries = 1; ; tries++) {
      const startedAt = clock.elapsed()
      const exit = await this.#runOnce()
      const code = exit.code ?? 1
      // One that had only begun to start ends by the signal itself.
      if (signal.aborted) return exit.signal === 'SIGTERM' ? 0 : code
      if (this.#isFinal(code)) {
        this.#givenUp.resolve(code)
        return code
      }
      if (code === 0 || clock.elapsed() - startedAt >= soundAfterMs) tries = 1
      const waitMs = this.#pause(code, tries)
      observer('child_exited', { process: this.#part.name, ...exit, waitMs })
      await clock.sleep(waitMs, signal).catch(() => undefined)
      if (signal.aborted) return code === 0 ? 0 : 1
    }
  }

  async #runOnce(): Promise<ChildExit> {
    const child = this.#deps.spawn(this.#part)
    this.#child = child
    void child.ready.then(() => {
      this.#everReady = true
      this.#ready.resolve()
    })
    const exit = await child.exited
    this.#child = null
    return exit
  }

  #isFinal(code: number): boolean {
    if (this.#everReady) return false
    return code === CONFIGURATION_EXIT || this.#part.role === 'gateway'
  }

  #pause(code: number, tries: number): number {
    if (code === 0) return 0
    if (code === CONFIGURATION_EXIT) return restarts.maxMs
    return Math.round(backoffDelay(restarts, tries, this.#deps.random))
  }
}

function aborted(signal: AbortSignal): Promise<null> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve(null)
    signal.addEventListener('abort', () => resolve(null), { once: true })
  })
}
