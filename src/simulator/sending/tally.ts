/** What a sender has done so far, in numbers. */
import type { Clock } from '../../core/clock.ts'
import type { Delivery } from '../traffic/packing.ts'
import type { Answer } from './answer.ts'
import type { Attempt } from './contract.ts'
import { Histogram } from './histogram.ts'

/** A delivery that the sender will not try again. */
export interface DeadLetter {
  readonly delivery: number
  readonly keys: readonly string[]
  readonly reason: string
}

export interface SendReport {
  /** Requests that were begun, once each; a retry is an attempt. */
  readonly deliveries: number
  readonly attempts: number
  /** Bodies in deliveries that were acknowledged. */
  readonly acknowledged: number
  /** Bodies by what the receiver said became of them. */
  readonly outcomes: Readonly<Record<string, number>>
  /** Attempts by their status, `timeout` or `broken`. */
  readonly answers: Readonly<Record<string, number>>
  readonly givenUp: number
  /** The first thousand of those given up. */
  readonly deadLetters: readonly DeadLetter[]
  /** Stopped by the signal before they were acknowledged or given up. */
  readonly interrupted: number
  readonly elapsedMs: number
  /** Acknowledged bodies. */
  readonly perSecond: number
  /** Ms from the start of an acknowledged request to the end of its answer. */
  readonly latency: { readonly p50: number; readonly p99: number; readonly longest: number }
}

const keptDeadLetters = 1000

export class Tally {
  readonly #clock: Clock
  readonly #startedAt: number
  readonly #latency = new Histogram()
  readonly #outcomes = new Map<string, number>()
  readonly #answers = new Map<string, number>()
  readonly #deadLetters: DeadLetter[] = []
  #deliveries = 0
  #attempts = 0
  #acknowledged = 0
  #givenUp = 0
  #interrupted = 0

  constructor(clock: Clock) {
    this.#clock = clock
    this.#startedAt = clock.elapsed()
  }

  begun() {
    this.#deliveries++
  }

  attempted(attempt: Attempt) {
    this.#attempts++
    add(this.#answers, attempt.kind === 'answered' ? `${attempt.status}` : attempt.kind, 1)
  }

  acknowledged(delivery: Delivery, answer: Answer, tookMs: number) {
    const bodies = delivery.events.length
    this.#latency.record(tookMs)
    this.#acknowledged += bodies
    if (answer.outcome !== 'batch') return add(this.#outcomes, answer.outcome, bodies)
    for (const [name, count] of Object.entries(answer.counts)) add(this.#outcomes, name, count)
  }

  givenUp(delivery: Delivery, reason: string) {
    this.#givenUp++
    if (this.#deadLetters.length >= keptDeadLetters) return
    const keys = delivery.events.map((event) => event.key)
    this.#deadLetters.push({ delivery: delivery.number, keys, reason })
  }

  interrupted() {
    this.#interrupted++
  }

  report(): SendReport {
    const elapsedMs = this.#clock.elapsed() - this.#startedAt
    const latency = this.#latency
    return {
      deliveries: this.#deliveries,
      attempts: this.#attempts,
      acknowledged: this.#acknowledged,
      outcomes: Object.fromEntries(this.#outcomes),
      answers: Object.fromEntries(this.#answers),
      givenUp: this.#givenUp,
      deadLetters: [...this.#deadLetters],
      interrupted: this.#interrupted,
      elapsedMs,
      perSecond: elapsedMs > 0 ? (this.#acknowledged * 1000) / elapsedMs : 0,
      latency: {
        p50: latency.quantile(0.5),
        p99: latency.quantile(0.99),
        longest: latency.longest,
      },
    }
  }
}

function add(counts: Map<string, number>, name: string, count: number) {
  counts.set(name, (counts.get(name) ?? 0) + count)
}
