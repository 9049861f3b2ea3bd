/**
 * Watches how many dead letters are open and for how long, in the process of the loader: from
 * bronze alone, and only when that has changed.
 */
import type { Clock } from '../../core/clock.ts'
import { formatDuration } from '../../core/units.ts'
import type { Observer } from '../../observe/events.ts'
import { type Measured, NO_SOURCE, type Reading } from '../../observe/metrics.ts'
import type { OpenLetters } from './find-letters.ts'

export interface LetterWatchDeps {
  readonly clock: Clock
  readonly observer: Observer
  /** Null where nothing has changed since it was asked last. */
  readonly read: () => Promise<OpenLetters | null>
}

/** More than so many, or one older than that (ms), is told of. */
export interface LetterLimits {
  readonly deadLetters: number
  readonly deadLetterAge: number
}

export class LetterWatch implements Measured {
  readonly #deps: LetterWatchDeps
  readonly #limits: LetterLimits
  #known: OpenLetters | null = null
  #isTold = false

  constructor(deps: LetterWatchDeps, limits: LetterLimits) {
    this.#deps = deps
    this.#limits = limits
  }

  async look(): Promise<void> {
    const { clock, observer, read } = this.#deps
    this.#known = (await read()) ?? this.#known
    const { open, oldestAt } = this.#known ?? { open: 0, oldestAt: null }
    const age = oldestAt === null ? 0 : Math.max(0, clock.now() - oldestAt)
    const { deadLetters, deadLetterAge } = this.#limits
    const isTooMuch = open > deadLetters || (open > 0 && age > deadLetterAge)
    if (isTooMuch === this.#isTold) return
    this.#isTold = isTooMuch
    const event = isTooMuch ? 'dead_letters_waiting' : 'dead_letters_decided'
    observer(event, { open, oldest: formatDuration(age) })
  }

  /** Nothing is told before the first look. */
  measure(reading: Reading): void {
    if (this.#known === null) return
    const { open, oldestAt } = this.#known
    const labels = { source: NO_SOURCE, reason: 'dead_letters' }
    reading.number('inlet_dead_letters_open', open, {})
    reading.number('inlet_dead_letters_oldest_timestamp_seconds', (oldestAt ?? 0) / 1000, {})
    reading.number('inlet_alert', Number(this.#isTold), labels)
  }
}
