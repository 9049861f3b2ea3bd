/**
 * Brings one sink up to date with silver, again and again.
 *
 * Guarantee: rows of a stream arrive in the order of their positions, each stretch until it has
 * arrived; a sink that is slow, away or wrong holds up nothing but itself. It reads the lake and
 * writes nothing to it.
 */
import { type Backoff, backoffDelay } from '../core/backoff.ts'
import type { Clock } from '../core/clock.ts'
import { errorText } from '../core/errors.ts'
import type { Lifecycle } from '../core/lifecycle.ts'
import type { Random } from '../core/random.ts'
import type { Observer } from '../observe/events.ts'
import type { Measured, Reading } from '../observe/metrics.ts'
import type { Table } from '../tables/table.ts'
import type { Feed, ReachedStream } from './feed.ts'
import type { Sink } from './sink.ts'

export interface ForwarderDeps {
  readonly feed: Feed
  readonly sink: Sink
  readonly clock: Clock
  readonly random: Random
  readonly observer: Observer
}

export interface ForwarderOptions {
  readonly tables: readonly Table[]
  /** How long to wait, ms, once all that was there has arrived. */
  readonly everyMs: number
  /** Rows of a delivery. */
  readonly rows: number
}

const retries: Backoff = { baseMs: 1000, maxMs: 60_000 }

export class Forwarder implements Lifecycle, Measured {
  readonly name: string
  readonly #deps: ForwarderDeps
  readonly #options: ForwarderOptions
  readonly #stopping = new AbortController()
  #running: Promise<void> | null = null
  #counts = { sent: 0, repeated: 0, refused: 0, failures: 0 }
  #behind = 0

  constructor(deps: ForwarderDeps, options: ForwarderOptions) {
    this.name = `sink ${deps.sink.name}`
    this.#deps = deps
    this.#options = options
  }

  async start(): Promise<void> {
    this.#running ??= this.#run()
  }

  /** Nothing is at stake: what has not arrived is sent after the next start. */
  async drain(): Promise<void> {
    this.#stopping.abort(new Error('the sink is stopping'))
    await this.#running
  }

  async stop(): Promise<void> {
    await this.drain()
    await this.#deps.sink.close()
  }

  measure(reading: Reading): void {
    const { sent, repeated, refused, failures } = this.#counts
    const sink = this.#deps.sink.name
    reading.number('inlet_sink_rows_total', sent, { sink, outcome: 'sent' })
    reading.number('inlet_sink_rows_total', repeated, { sink, outcome: 'repeated' })
    reading.number('inlet_sink_rows_total', refused, { sink, outcome: 'refused' })
    reading.number('inlet_sink_failures_total', failures, { sink })
    reading.number('inlet_sink_behind_positions', this.#behind, { sink })
  }

  /** One round: everything that the lake has at its begin. Rejects at the first failure. */
  async bringUpToDate(signal: AbortSignal): Promise<void> {
    const { feed, sink } = this.#deps
    const streams: (ReachedStream & { from: number })[] = []
    for (const table of this.#options.tables) {
      for (const stream of await feed.streams(table))
        streams.push({ ...stream, from: await sink.reached(stream) })
    }
    this.#behind = streams.reduce((sum, { from, to }) => sum + Math.max(0, to - from), 0)
    for (const stream of streams) await this.#move(stream, signal)
  }

  async #move(stream: ReachedStream & { from: number }, signal: AbortSignal): Promise<void> {
    const { feed, sink, observer } = this.#deps
    let { from } = stream
    while (from < stream.to) {
      signal.throwIfAborted()
      const stretch = await feed.read(stream, from, this.#options.rows)
      const { repeated, refused, arrived, to } = await sink.deliver(stretch, signal)
      this.#counts.sent += arrived
      this.#counts.repeated += repeated
      this.#counts.refused += refused
      const at = { sink: sink.name, table: stream.table.name }
      if (repeated > 0) observer('sink_repeated', { ...at, rows: repeated })
      if (refused > 0) observer('sink_refused', { ...at, rows: refused })
      this.#behind -= to - from
      from = to
    }
  }

  async #run(): Promise<void> {
    const { clock, random, observer, sink } = this.#deps
    const { signal } = this.#stopping
    let tries = 0
    while (!signal.aborted) {
      let waitMs = this.#options.everyMs
      try {
        await this.bringUpToDate(signal)
        if (tries > 0) observer('sink_recovered', { sink: sink.name })
        tries = 0
      } catch (error) {
        if (signal.aborted) return
        this.#counts.failures++
        waitMs = Math.round(backoffDelay(retries, ++tries, random))
        observer('sink_retrying', { sink: sink.name, reason: errorText(error), waitMs })
      }
      await clock.sleep(waitMs, signal).catch(() => undefined)
    }
  }
}
