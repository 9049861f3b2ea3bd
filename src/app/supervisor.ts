/**
 * `run`: gateway and loader as processes of their own, so that neither can slow or end the other.
 *
 * Both begin at once: the gateway needs nothing behind its journal. A process that ends is started
 * again after a growing pause, save when starting again cannot help: its configuration is wrong, or
 * the gateway never came up (its port is taken, its journal has another writer). Then everything is
 * stopped and its exit code is the result.
 *
 * Told to stop, the gateway drains and ends first, then the loader lands what that left and ends.
 * What takes longer than `graceMs` is killed, which loses nothing that was acknowledged.
 */
import { type Backoff, backoffDelay } from '../core/backoff.ts'
import type { Clock } from '../core/clock.ts'
import type { Random } from '../core/random.ts'
import type { Observer } from '../observe/events.ts'

export const roles = ['gateway', 'loader'] as const
export type Role = (typeof roles)[number]

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
  readonly spawn: (role: Role) => Child
  readonly clock: Clock
  readonly random: Random
  readonly observer: Observer
}

export interface SupervisorOptions {
  /** Ends everything in order. */
  readonly stop: AbortSignal
  /** Ends everything at once. */
  readonly hurry: AbortSignal
  readonly graceMs: number
  readonly onReady?: () => void
}

/** The exit code of a process with a wrong configuration. */
export const CONFIGURATION_EXIT = 2

const restarts: Backoff = { baseMs: 500, maxMs: 60_000 }
/** Whoever ran this long is started again as if for the first time. */
const soundAfterMs = 120_000

/** Resolves to the exit code: 0 when all ended as they were told to. */
export async function supervise(deps: SupervisorDeps, options: SupervisorOptions): Promise<number> {
  const keepers = roles.map((role) => new Keeper(deps, role))
  const kill = () => {
    for (const keeper of keepers) keeper.kill()
  }
  options.hurry.addEventListener('abort', kill, { once: true })
  for (const keeper of keepers) keeper.start()
  void Promise.all(keepers.map((keeper) => keeper.ready)).then(() => options.onReady?.())
  const given = await Promise.race([aborted(options.stop), ...keepers.map((one) => one.givenUp)])
  const codes: number[] = []
  for (const keeper of keepers) codes.push(await keeper.stop(options.graceMs))
  options.hurry.removeEventListener('abort', kill)
  return given ?? Math.max(...codes)
}

/** Keeps one process running. */
class Keeper {
  readonly #deps: SupervisorDeps
  readonly #role: Role
  readonly #stopping = new AbortController()
  readonly #ready = Promise.withResolvers<void>()
  readonly #givenUp = Promise.withResolvers<number>()
  #child: Child | null = null
  #running: Promise<number> = Promise.resolve(0)
  #everReady = false

  constructor(deps: SupervisorDeps, role: Role) {
    this.#deps = deps
    this.#role = role
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
    const { clock, observer, random } = this.#deps
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
      if (clock.elapsed() - startedAt >= soundAfterMs) tries = 1
      const waitMs = Math.round(backoffDelay(restarts, tries, random))
      observer('child_exited', { process: this.#role, ...exit, waitMs })
      await clock.sleep(waitMs, signal).catch(() => undefined)
      if (signal.aborted) return code === 0 ? 0 : 1
    }
  }

  async #runOnce(): Promise<ChildExit> {
    const child = this.#deps.spawn(this.#role)
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
    return code === CONFIGURATION_EXIT || (this.#role === 'gateway' && !this.#everReady)
  }
}

function aborted(signal: AbortSignal): Promise<null> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve(null)
    signal.addEventListener('abort', () => resolve(null), { once: true })
  })
}
