/**
 * Work that comes again: a round every so often, and sooner, after a pause that grows, where one
 * failed. Nothing of it ends the process or holds up anyone else.
 */
import type { Clock } from '../../core/clock.ts'
import type { Lifecycle } from '../../core/lifecycle.ts'

const FIRST_PAUSE_MS = 1000
const LONGEST_PAUSE_MS = 60_000

export interface RoundLoopDeps {
  readonly clock: Clock
  /** Does what there is to do. Ends between two steps once `signal` aborts. */
  readonly round: (signal: AbortSignal) => Promise<void>
  /** Told of a round that failed, and when the next one begins. */
  readonly onFailure: (error: unknown, waitMs: number) => void
}

export interface RoundLoopOptions {
  readonly name: string
  readonly everyMs: number
}

export class RoundLoop implements Lifecycle {
  readonly name: string
  readonly #deps: RoundLoopDeps
  readonly #everyMs: number
  readonly #stopping = new AbortController()
  #turn: Promise<unknown> = Promise.resolve()
  #running: Promise<void> = Promise.resolve()

  constructor(deps: RoundLoopDeps, { name, everyMs }: RoundLoopOptions) {
    this.name = name
    this.#deps = deps
    this.#everyMs = everyMs
  }

  async start(_signal: AbortSignal): Promise<void> {
    this.#running = this.#run()
  }

  /** A last round, within the deadline. */
  async drain(deadline: AbortSignal): Promise<void> {
    await this.flush(deadline).catch((error: unknown) => {
      if (!deadline.aborted && !this.#stopping.signal.aborted) this.#deps.onFailure(error, 0)
    })
  }

  async stop(): Promise<void> {
    this.#stopping.abort(new Error(`${this.name} is stopping`))
    await this.#running
    await this.#turn
  }

  /** Does all that there is to do at the moment of the call. Rejects where a round fails. */
  flush(deadline: AbortSignal = new AbortController().signal): Promise<void> {
    const signal = AbortSignal.any([deadline, this.#stopping.signal])
    return this.#inTurn(() => this.#deps.round(signal))
  }

  async #run(): Promise<void> {
    const { clock, round, onFailure } = this.#deps
    const { signal } = this.#stopping
    let pauseMs = 0
    while (!signal.aborted) {
      const began = clock.elapsed()
      try {
        await this.#inTurn(() => round(signal))
        pauseMs = 0
      } catch (error) {
        if (signal.aborted) return
        pauseMs = Math.min(Math.max(FIRST_PAUSE_MS, 2 * pauseMs), LONGEST_PAUSE_MS)
        onFailure(error, pauseMs)
      }
      const rest = pauseMs > 0 ? pauseMs : this.#everyMs - (clock.elapsed() - began)
      await clock.sleep(Math.max(1, rest), signal).catch(() => undefined)
    }
  }

  #inTurn(task: () => Promise<void>): Promise<void> {
    const turn = this.#turn.then(task)
    this.#turn = turn.catch(() => undefined)
    return turn
  }
}
