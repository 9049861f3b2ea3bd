/** A clock on which whoever sleeps wakes when a test has moved it far enough. */
import type { Clock } from '../../src/core/clock.ts'

export interface SteppedClock extends Clock {
  /** Moves the clock, wakes who is due in order, and lets what they do settle. */
  advance(ms: number): Promise<void>
}

export function steppedClock(start = Date.UTC(2026, 0, 2, 12)): SteppedClock {
  let time = start
  const sleepers = new Set<{ readonly at: number; readonly wake: () => void }>()
  return {
    now: () => time,
    elapsed: () => time,
    every: () => () => undefined,
    sleep(ms, signal) {
      return new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason)
        const sleeper = { at: time + ms, wake: resolve }
        sleepers.add(sleeper)
        signal?.addEventListener('abort', () => {
          sleepers.delete(sleeper)
          reject(signal.reason)
        })
      })
    },
    async advance(ms) {
      const end = time + ms
      for (;;) {
        const due = [...sleepers].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0]
        if (due === undefined) break
        sleepers.delete(due)
        time = Math.max(time, due.at)
        due.wake()
        await settled()
      }
      time = end
    },
  }
}

async function settled(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve))
}
