/**
 * Applies `lake.retention`: files of days that are over are taken out of their tables by
 * a commit, and told of. What leaves bronze is noted there too (./retention.ts); silver is a
 * function of bronze.
 */

import type { DeltaTable } from '../lake/delta/delta-table.ts'
import { filesBefore, firstDayKept } from '../lake/retention.ts'
import type { Observer } from '../observe/events.ts'
import type { Measured, Reading } from '../observe/metrics.ts'
import { arrivals } from '../tables/arrivals.ts'
import { silverTables } from '../tables/silver.ts'
import { takenBefore } from './progress/marks.ts'
import { type RetentionDeps, retainArrivals } from './retention.ts'

/** How long rows are kept, ms. */
export interface Kept {
  readonly bronze: number
  readonly silver: number
}

/** Of a table that others write as well. */
const MOST_TRIES = 5

export class Retention implements Measured {
  readonly #deps: RetentionDeps & { readonly observer: Observer }
  readonly #keep: Kept
  readonly #files = { bronze: 0, silver: 0 }

  constructor(deps: RetentionDeps & { readonly observer: Observer }, keep: Kept) {
    this.#deps = deps
    this.#keep = keep
  }

  async look(signal: AbortSignal): Promise<void> {
    const { clock, lake, observer } = this.#deps
    const bronzeFrom = firstDayKept(clock.now(), this.#keep.bronze)
    const { files, rows } = await retainArrivals(this.#deps, bronzeFrom)
    this.#files.bronze += files
    if (files > 0)
      observer('retention_applied', { table: arrivals.name, before: bronzeFrom, files, rows })
    const silverFrom = firstDayKept(clock.now(), this.#keep.silver)
    for (const definition of silverTables) {
      if (signal.aborted) return
      const table = await lake.find(definition)
      const removed = table === null ? 0 : await takeOut(table, silverFrom)
      this.#files.silver += removed
      if (removed === 0) continue
      observer('retention_applied', { table: definition.name, before: silverFrom, files: removed })
    }
  }

  measure(reading: Reading): void {
    for (const layer of ['bronze', 'silver'] as const)
      reading.number('inlet_retention_files_total', this.#files[layer], { layer })
  }
}

/** The number of files that went; fewer than are due where others were quicker too often. */
async function takeOut(table: DeltaTable, firstDay: string): Promise<number> {
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    const removes = filesBefore(table.state.files.values(), firstDay)
    if (removes.length === 0) return 0
    const metrics = { numRemovedFiles: removes.length }
    const txns = [takenBefore(table, firstDay)]
    const result = await table.commit({ operation: 'DELETE', removes, txns, metrics })
    if (result.kind === 'committed') return removes.length
    await table.refresh()
  }
  return 0
}
