/**
 * A token bucket with reserves: how many events a source may deliver, now and over time.
 *
 * Urgency decides how far down an event may take it: low ones leave a fifth of it, normal ones a
 * tenth, high ones nothing. So low ones cannot starve high ones, however many there are.
 *
 * A batch is taken whole or not at all. One larger than what the bucket can hold above its reserve
 * passes when that is full, and what it takes beyond is owed: at most as much again as it holds.
 */
import type { Priority } from '../../event/envelope.ts'

export interface BucketOptions {
  readonly eventsPerSecond: number
  /** What it holds when it is full. */
  readonly burst: number
}

const reserves: Readonly<Record<Priority, number>> = { high: 0, normal: 0.1, low: 0.2 }

export class TokenBucket {
  readonly #perMs: number
  readonly #burst: number
  #level: number
  #at: number

  /** Full. `now` is milliseconds from any origin, as everywhere here. */
  constructor({ eventsPerSecond, burst }: BucketOptions, now: number) {
    this.#perMs = eventsPerSecond / 1000
    this.#burst = burst
    this.#level = burst
    this.#at = now
  }

  level(now: number): number {
    const level = this.#level + (now - this.#at) * this.#perMs
    this.#at = now
    this.#level = Math.min(this.#burst, level)
    return this.#level
  }

  /** Ms until even the most urgent event may pass; 0 for now. */
  closedFor(now: number): number {
    return this.#until(Math.min(1, this.#burst), now)
  }

  /** Takes and returns 0, or takes nothing and returns after how many ms to come again. */
  take(events: number, priority: Priority, now: number): number {
    const reserve = this.#burst * reserves[priority]
    const waitMs = this.#until(reserve + Math.min(events, this.#burst - reserve), now)
    if (waitMs === 0) this.charge(events)
    return waitMs
  }

  /** Takes what has passed already; what there is not is owed. */
  charge(events: number): void {
    this.#level = Math.max(-this.#burst, this.#level - events)
  }

  #until(level: number, now: number): number {
    const missing = level - this.level(now)
    return missing <= 0 ? 0 : missing / this.#perMs
  }
}
