/**
 * Watches the sources over the metrics of all gateways: each of these sees only its share of a
 * source, and one that hears nothing says nothing.
 *
 * Limits: a duplicate is what a seen-cache knew; after the restart of a gateway some are not told
 * apart from new events. A reading that fails is left out.
 */
import type { Clock } from '../core/clock.ts'
import type { Lifecycle } from '../core/lifecycle.ts'
import type { Observer } from '../observe/events.ts'
import type { Measured, Reading } from '../observe/metrics.ts'
import type { Families } from './families.ts'
import { type AlertOptions, type Change, type Heard, SourceAlerts } from './source-alerts.ts'

const SHORTEST_MS = 250
const LONGEST_MS = 5000

export interface WatchDeps {
  readonly clock: Clock
  readonly observer: Observer
  readonly read: () => Promise<readonly Families[]>
}

export interface WatchOptions extends AlertOptions {
  readonly sources: readonly string[]
}

export interface Watch extends Lifecycle, Measured {
  /** Reads and judges once. */
  look(): Promise<void>
}

export function openWatch(deps: WatchDeps, options: WatchOptions): Watch {
  return new SourceWatch(deps, options)
}

class SourceWatch implements Watch {
  readonly name = 'watch'
  readonly #deps: WatchDeps
  readonly #everyMs: number
  readonly #alerts: ReadonlyMap<string, SourceAlerts>
  /** What each process had counted, by source and outcome, when it was last read. */
  readonly #counted = new Map<string, Counted>()
  #stopLooking: () => void = () => undefined

  constructor(deps: WatchDeps, options: WatchOptions) {
    const now = deps.clock.now()
    const { silentAfterMs, redeliveryWindowMs } = options
    const telling = Math.min(silentAfterMs, redeliveryWindowMs) / 4
    this.#deps = deps
    this.#everyMs = Math.max(SHORTEST_MS, Math.min(LONGEST_MS, telling))
    this.#alerts = new Map(
      options.sources.map((source) => [source, new SourceAlerts(options, now)] as const),
    )
  }

  async start(): Promise<void> {
    this.#stopLooking()
    this.#stopLooking = this.#deps.clock.every(this.#everyMs, () => {
      this.look().catch(() => undefined)
    })
  }

  async drain(): Promise<void> {}

  async stop(): Promise<void> {
    this.#stopLooking()
  }

  async look(): Promise<void> {
    const { clock, observer, read } = this.#deps
    const samples = samplesOf(await read())
    for (const { name, process, value } of samples)
      if (name === STARTED) this.#begin(process, value)
    const now = clock.now()
    for (const [source, alerts] of this.#alerts) {
      const heard = this.#heard(samples.filter((sample) => sample.source === source))
      for (const change of alerts.look(heard, now)) tell(observer, source, change)
    }
  }

  measure(reading: Reading): void {
    for (const [source, alerts] of this.#alerts) {
      const { isSilent, isRepeating, redeliveryRate } = alerts
      reading.number('inlet_alert', Number(isSilent), { source, reason: 'silent' })
      reading.number('inlet_alert', Number(isRepeating), { source, reason: 'redelivery' })
      reading.number('inlet_source_redelivery_ratio', redeliveryRate, { source })
    }
  }

  #heard(samples: readonly Sample[]): Heard {
    let [lastEventAt, deliveries, duplicates] = [0, 0, 0]
    for (const sample of samples) {
      if (sample.name === LAST_EVENT) lastEventAt = Math.max(lastEventAt, 1000 * sample.value)
      else if (sample.name === EVENTS) {
        const more = this.#since(sample)
        deliveries += more
        if (sample.outcome === 'duplicate') duplicates += more
      }
    }
    return { lastEventAt, deliveries, duplicates }
  }

  /** A process that began anew counts from zero. */
  #begin(process: string, startedAt: number): void {
    if (this.#counted.get(process)?.startedAt === startedAt) return
    this.#counted.set(process, { startedAt, values: new Map() })
  }

  /** How many more it counts than before. */
  #since({ process, source, outcome, value }: Sample): number {
    const values = this.#counted.get(process)?.values
    const key = `${source} ${outcome}`
    const before = values?.get(key) ?? 0
    values?.set(key, value)
    return value - before
  }
}

interface Counted {
  readonly startedAt: number
  readonly values: Map<string, number>
}

const EVENTS = 'inlet_events_total'
const LAST_EVENT = 'inlet_source_last_event_timestamp_seconds'
const STARTED = 'inlet_process_start_timestamp_seconds'
const watched: readonly string[] = [EVENTS, LAST_EVENT, STARTED]

interface Sample {
  readonly name: string
  readonly process: string
  readonly source: string
  readonly outcome: string
  readonly value: number
}

function samplesOf(all: readonly Families[]): Sample[] {
  return all.flat().flatMap(({ name, values }) => {
    if (!watched.includes(name)) return []
    return values.map(({ labels, value }) => {
      const { process, source, outcome } = labels
      const texts = { process: String(process), source: String(source), outcome: String(outcome) }
      return { name, ...texts, value }
    })
  })
}

function tell(observer: Observer, source: string, change: Change): void {
  if (change.alert === 'silent') {
    const event = change.raised ? 'source_silent' : 'source_heard_again'
    observer(event, { source, seconds: change.seconds })
  } else {
    const event = change.raised ? 'source_repeats' : 'source_repeats_no_more'
    observer(event, { source, rate: change.rate })
  }
}
