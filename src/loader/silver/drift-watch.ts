/**
 * Tells when the data drifts: events of a topic deviate from its schema more often than
 * `alerts.violationRate`, or a column that was always filled turns null (`alerts.nullRate`).
 *
 * What it sees are slices, each as it is made into rows; one that is tried again is seen again.
 */
import type { Clock } from '../../core/clock.ts'
import type { Observer } from '../../observe/events.ts'
import { type Measured, NO_SOURCE, type Reading } from '../../observe/metrics.ts'
import { type Share, ShareWatch } from '../../schemas/share-watch.ts'
import type { ColumnCount } from './null-counts.ts'
import type { TopicCount } from './shapes.ts'

export interface DriftOptions {
  readonly violationRate: number
  readonly nullRate: number
  readonly windowMs: number
}

export interface DriftDeps {
  readonly clock: Clock
  readonly observer: Observer
}

export class DriftWatch implements Measured {
  readonly #deps: DriftDeps
  readonly #violations: ShareWatch
  readonly #nulls: ShareWatch
  readonly #events = { conforming: 0, deviating: 0, unknown: 0 }

  constructor(deps: DriftDeps, { violationRate, nullRate, windowMs }: DriftOptions) {
    this.#deps = deps
    this.#violations = new ShareWatch({ most: violationRate, windowMs, onlyTurns: false })
    this.#nulls = new ShareWatch({ most: nullRate, windowMs, onlyTurns: true })
  }

  /** Of a slice: topics that have no schema are counted, and never told by name (I8). */
  saw(topics: readonly TopicCount[], columns: readonly ColumnCount[]): void {
    for (const { version, events, deviating } of topics) {
      if (version === null) this.#events.unknown += events
      this.#events.deviating += deviating
      if (version !== null) this.#events.conforming += events - deviating
    }
    const { clock, observer } = this.#deps
    const now = clock.now()
    const known = topics.filter(({ version }) => version !== null)
    for (const { key, raised, share } of this.#violations.look(known.map(ofTopic), now))
      observer(raised ? 'schema_violated' : 'schema_kept', { topic: key, share })
    for (const { key, raised, share } of this.#nulls.look(columns.map(ofColumn), now)) {
      const [table = '', eventType = '', column = ''] = key.split(' ')
      const fields = { table, eventType, column, share }
      observer(raised ? 'column_turned_null' : 'column_filled_again', fields)
    }
  }

  measure(reading: Reading): void {
    for (const [reason, events] of Object.entries(this.#events))
      reading.number('inlet_judged_events_total', events, { reason })
    const alert = (reason: string, { raised }: ShareWatch) =>
      reading.number('inlet_alert', Number(raised > 0), { source: NO_SOURCE, reason })
    alert('violations', this.#violations)
    alert('nulls', this.#nulls)
  }
}

function ofTopic({ topic, events, deviating }: TopicCount): Share {
  return { key: topic, all: events, amiss: deviating }
}

/** None of the three names has a space in it. */
function ofColumn({ table, eventType, column, rows, nulls }: ColumnCount): Share {
  return { key: `${table} ${eventType} ${column}`, all: rows, amiss: nulls }
}
