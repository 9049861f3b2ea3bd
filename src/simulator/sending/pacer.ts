/** When the next delivery may go: at once, at a steady rate, or as simulated time passes. */
import type { Clock } from '../../core/clock.ts'
import type { Delivery } from '../traffic/packing.ts'

export type Pace =
  | { readonly kind: 'flat-out' }
  /** Bodies a second. Whoever falls behind catches up: the load does not follow the server. */
  | { readonly kind: 'rate'; readonly perSecond: number }
  /** `speed` seconds of simulated time in a second. */
  | { readonly kind: 'simulated'; readonly speed: number }

export class Pacer {
  readonly #clock: Clock
  readonly #pace: Pace
  readonly #startedAt: number
  #bodies = 0
  #firstAt: number | null = null

  constructor(clock: Clock, pace: Pace) {
    this.#clock = clock
    this.#pace = pace
    this.#startedAt = clock.elapsed()
  }

  /** Resolves when `delivery` is due; rejects with the signal's reason when it aborts. */
  async turn(delivery: Delivery, signal: AbortSignal) {
    const wait = this.#startedAt + this.#dueAfter(delivery) - this.#clock.elapsed()
    if (wait > 0) await this.#clock.sleep(wait, signal)
  }

  #dueAfter(delivery: Delivery): number {
    const pace = this.#pace
    if (pace.kind === 'flat-out') return 0
    if (pace.kind === 'simulated') {
      this.#firstAt ??= delivery.at
      return (delivery.at - this.#firstAt) / pace.speed
    }
    const due = (this.#bodies * 1000) / pace.perSecond
    this.#bodies += delivery.events.length
    return due
  }
}
