/** A clock that stands still until a test moves it. */
import type { Clock } from '../../src/core/clock.ts'

export interface MovableClock extends Clock {
  advance(ms: number): void
}

/** `sleep` resolves at once and moves the clock; `every` never fires. */
export function movableClock(start = Date.UTC(2026, 0, 2, 12)): MovableClock {
  let time = start
  return {
    now: () => time,
    elapsed: () => time,
    async sleep(ms) {
      time += ms
    },
    every: () => () => undefined,
    advance(ms) {
      time += ms
    },
  }
}
