/** What the sync of names has done since the loader began, in plain numbers. */
import type { Measured, Reading } from '../../observe/metrics.ts'

export interface SyncedNames {
  readonly org: string
  /** The name of the table. */
  readonly kind: string
  readonly names: number
  /** When the listing was asked for. */
  readonly at: number
}

export class NamesMeter implements Measured {
  readonly #synced = new Map<string, SyncedNames>()
  readonly #failures = new Map<string, number>()

  synced(told: SyncedNames): void {
    this.#synced.set(`${told.org} ${told.kind}`, told)
  }

  failed(org: string): void {
    this.#failures.set(org, (this.#failures.get(org) ?? 0) + 1)
  }

  /** Of a listing nothing is told before it was had for the first time. */
  measure(reading: Reading): void {
    for (const { org, kind, names, at } of this.#synced.values()) {
      const table = kind.replace(/^silver\./, '')
      reading.number('inlet_names', names, { org, table })
      reading.number('inlet_names_timestamp_seconds', at / 1000, { org, table })
    }
    for (const [org, count] of this.#failures)
      reading.number('inlet_names_failures_total', count, { org })
  }
}
