/**
 * Sends deliveries as their senders would: each is tried again until it is acknowledged, or until
 * its route's contract gives it up.
 *
 * - A delivery is written to the ledger before its first byte is sent, and once more when its fate
 *   is known, so that a ledger never knows less than a receiver.
 * - At most `concurrency` deliveries are under way; one that waits for its next try holds its
 *   place, so memory stays bounded and an outage stops the stream rather than piling it up.
 * - When the signal aborts, requests under way are answered or time out, and nothing is tried
 *   again.
 */
import { backoffDelay } from '../../core/backoff.ts'
import type { Clock } from '../../core/clock.ts'
import type { Random } from '../../core/random.ts'
import { type LedgerEntry, type LedgerSink, sentEntry } from '../ledger/ledger.ts'
import type { Delivery } from '../traffic/packing.ts'
import { readAnswer } from './answer.ts'
import { type Attempt, attemptText, judge, retryAfterMs } from './contract.ts'
import { type Pace, Pacer } from './pacer.ts'
import type { Route } from './route.ts'
import { type SendReport, Tally } from './tally.ts'
import { Transport } from './transport.ts'

export interface SendDeps {
  readonly clock: Clock
  readonly random: Random
  /** Where it is written what is sent and acknowledged; left out: nowhere. */
  readonly ledger?: LedgerSink
}

export interface SendOptions {
  readonly deliveries: Iterable<Delivery> | AsyncIterable<Delivery>
  /** Connections are kept by what a route says. */
  readonly routeOf: (source: string) => Route
  readonly concurrency: number
  readonly pace: Pace
  readonly signal: AbortSignal
  /** Told why a request is not acknowledged and will be tried again. */
  readonly onRetry?: (reason: string) => void
  /** Called once a second while sending. */
  readonly onProgress?: (report: SendReport) => void
}

/**
 * Resolves when all is acknowledged, given up or interrupted. Rejects only when the ledger or
 * `deliveries` does.
 */
export async function send(deps: SendDeps, options: SendOptions): Promise<SendReport> {
  const sender = new Sender(deps, options)
  const { onProgress } = options
  const stopProgress = deps.clock.every(1000, () => onProgress?.(sender.report()))
  try {
    await sender.sendAll()
    return sender.report()
  } finally {
    stopProgress()
    sender.close()
  }
}

class Sender {
  readonly #deps: SendDeps
  readonly #options: SendOptions
  readonly #transport: Transport
  readonly #tally: Tally
  readonly #pacer: Pacer
  readonly #failure = new AbortController()
  readonly #signal: AbortSignal

  constructor(deps: SendDeps, options: SendOptions) {
    this.#deps = deps
    this.#options = options
    this.#transport = new Transport(deps, { connections: options.concurrency })
    this.#tally = new Tally(deps.clock)
    this.#pacer = new Pacer(deps.clock, options.pace)
    this.#signal = AbortSignal.any([options.signal, this.#failure.signal])
  }

  report(): SendReport {
    return this.#tally.report()
  }

  close() {
    this.#transport.close()
  }

  async sendAll() {
    const deliveries = iterate(this.#options.deliveries)
    const workers = Array.from({ length: this.#options.concurrency }, () => this.#work(deliveries))
    await Promise.allSettled(workers)
    await deliveries.return?.()
    await Promise.all(workers)
  }

  /** The first failure stops every worker, so that none goes on after `send` has rejected. */
  async #work(deliveries: AnyIterator) {
    try {
      while (!this.#signal.aborted) {
        const next = await deliveries.next()
        if (next.done === true) return
        const turn = () => this.#pacer.turn(next.value, this.#signal)
        if (!(await this.#unlessStopped(turn))) return
        await this.#deliver(next.value)
      }
    } catch (error) {
      this.#failure.abort(error)
      throw error
    }
  }

  async #deliver(delivery: Delivery) {
    const { clock, ledger } = this.#deps
    const route = this.#options.routeOf(delivery.source)
    const { contract } = route
    const begunAt = clock.elapsed()
    this.#tally.begun()
    if (ledger !== undefined) await ledger.record(sentEntry(delivery))
    for (let tries = 1; ; tries++) {
      const startedAt = clock.elapsed()
      const attempt = await this.#transport.attempt(route, delivery)
      this.#tally.attempted(attempt)
      const verdict = judge(contract, attempt)
      const tookMs = clock.elapsed() - startedAt
      if (verdict === 'acknowledged') return this.#acknowledged(delivery, attempt, tookMs)

      const wait = this.#waitAfter(route, attempt, tries)
      const late = clock.elapsed() + wait - begunAt > contract.giveUpAfterMs
      if (verdict === 'give-up' || tries >= contract.tries || late) {
        return this.#givenUp(delivery, attemptText(attempt))
      }
      this.#options.onRetry?.(attemptText(attempt))
      const rest = () => clock.sleep(wait, this.#signal)
      if (!(await this.#unlessStopped(rest))) return this.#tally.interrupted()
    }
  }

  #waitAfter(route: Route, attempt: Attempt, tries: number): number {
    const { clock, random } = this.#deps
    const asked = attempt.kind === 'answered' ? retryAfterMs(attempt.retryAfter, clock.now()) : 0
    return Math.max(asked, backoffDelay(route.contract.backoff, tries, random))
  }

  async #acknowledged(delivery: Delivery, attempt: Attempt, tookMs: number) {
    const answer = readAnswer(attempt.kind === 'answered' ? attempt.text : '')
    this.#tally.acknowledged(delivery, answer, tookMs)
    await this.#record({ kind: 'acknowledged', delivery: delivery.number, ...answer })
  }

  async #givenUp(delivery: Delivery, reason: string) {
    this.#tally.givenUp(delivery, reason)
    await this.#record({ kind: 'given-up', delivery: delivery.number, reason })
  }

  async #record(entry: LedgerEntry) {
    await this.#deps.ledger?.record(entry)
  }

  /** False when the signal aborted while it waited. */
  async #unlessStopped(wait: () => Promise<void>): Promise<boolean> {
    try {
      await wait()
      return true
    } catch (error) {
      if (this.#signal.aborted) return false
      throw error
    }
  }
}

type AnyIterator = Iterator<Delivery> | AsyncIterator<Delivery>

function iterate(deliveries: SendOptions['deliveries']): AnyIterator {
  return Symbol.asyncIterator in deliveries
    ? deliveries[Symbol.asyncIterator]()
    : deliveries[Symbol.iterator]()
}
