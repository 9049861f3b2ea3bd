/**
 * Watches, in the process of the loader, the gaps of notification channels that no reconciliation
 * covers: those that are noted, and one that goes on, which is as old as the time up to which all
 * channels were proven to be open.
 */
import type { Clock } from '../../core/clock.ts'
import { formatDuration } from '../../core/units.ts'
import type { Observer } from '../../observe/events.ts'
import { type Measured, NO_SOURCE, type Reading } from '../../observe/metrics.ts'
import type { OrgInterval } from './open-gaps.ts'
import type { Proven } from './proven-file.ts'

export interface GapWatchDeps {
  readonly clock: Clock
  readonly observer: Observer
  readonly gaps: () => Promise<readonly OrgInterval[]>
  readonly proven: () => Promise<Proven>
}

export interface GapWatchOptions {
  readonly orgs: readonly string[]
  /** An older one is told of, ms. */
  readonly channelGapAge: number
}

interface OrgGaps {
  readonly open: number
  /** When the oldest began, ms; null for none. */
  readonly oldestAt: number | null
}

export class GapWatch implements Measured {
  readonly #deps: GapWatchDeps
  readonly #options: GapWatchOptions
  #known: ReadonlyMap<string, OrgGaps> | null = null
  #isTold = false

  constructor(deps: GapWatchDeps, options: GapWatchOptions) {
    this.#deps = deps
    this.#options = options
  }

  async look(): Promise<void> {
    const { clock, observer } = this.#deps
    const { orgs, channelGapAge } = this.#options
    const [gaps, proven] = [await this.#deps.gaps(), await this.#deps.proven()]
    const now = clock.now()
    this.#known = new Map(
      orgs.map((org) => {
        const begins = gaps.filter((gap) => gap.org === org).map(({ from }) => from)
        const provenAt = proven.get(org) ?? now
        if (now - provenAt > channelGapAge) begins.push(provenAt)
        return [org, { open: begins.length, oldestAt: begins.toSorted((a, b) => a - b)[0] ?? null }]
      }),
    )
    const all = [...this.#known.values()]
    const open = all.reduce((sum, one) => sum + one.open, 0)
    const age = now - Math.min(now, ...all.flatMap(({ oldestAt }) => oldestAt ?? []))
    const isTooOld = age > channelGapAge
    if (isTooOld === this.#isTold) return
    this.#isTold = isTooOld
    const event = isTooOld ? 'channel_gaps_waiting' : 'channel_gaps_closed'
    observer(event, { open, oldest: formatDuration(age) })
  }

  /** Nothing is told before the first look. */
  measure(reading: Reading): void {
    if (this.#known === null) return
    for (const [org, { open, oldestAt }] of this.#known) {
      reading.number('inlet_channel_gaps_open', open, { org })
      const oldest = (oldestAt ?? 0) / 1000
      reading.number('inlet_channel_gaps_oldest_timestamp_seconds', oldest, { org })
    }
    const labels = { source: NO_SOURCE, reason: 'channel_gaps' }
    reading.number('inlet_alert', Number(this.#isTold), labels)
  }
}
