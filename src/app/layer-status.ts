/** How far silver and gold have come behind bronze. */

import { readCheckpoint } from '../lake/delta/checkpoint.ts'
import { findDeltaTable } from '../lake/delta/delta-table.ts'
import { eventsInRanges } from '../loader/progress/bronze-rows.ts'
import {
  type PositionRange,
  positionsIn,
  rangesBetween,
  standingOf,
} from '../loader/progress/standing.ts'
import type { Table } from '../tables/table.ts'
import type { ReadableLake } from './lake-access.ts'
import type { Machine } from './machine.ts'

export interface LayerStatus {
  /** Positions of bronze that are not in every table of the layer; null where nobody can tell. */
  readonly behind: number | null
  /** The age of the oldest event that is not; 0 for none. */
  readonly freshnessSeconds: number | null
}

export const nothingBehind: LayerStatus = { behind: 0, freshnessSeconds: 0 }
export const notKnown: LayerStatus = { behind: null, freshnessSeconds: null }

export async function layerStatus(
  machine: Machine,
  lake: ReadableLake,
  tables: readonly Table[],
): Promise<LayerStatus> {
  const { table: bronze, store, engine } = lake
  if (bronze === null) return nothingBehind
  const reading = (path: string) => readCheckpoint(engine, path)
  const leader = standingOf(bronze.state.txns)
  let behind: PositionRange[] = []
  for (const definition of tables) {
    const deps = { ...machine, store, readCheckpoint: reading }
    const table = await findDeltaTable(deps, definition)
    const ranges = rangesBetween(standingOf(table?.state.txns ?? new Map()), leader)
    if (positionsIn(ranges) > positionsIn(behind)) behind = ranges
  }
  if (behind.length === 0) return nothingBehind
  const everything = { ranges: behind, mostBytes: Number.POSITIVE_INFINITY }
  const { select } = await eventsInRanges({ store, engine }, bronze, everything)
  const [row] = await engine.rows(
    `SELECT min(epoch_ms(received_at))::DOUBLE AS oldest FROM (${select})`,
  )
  const oldest = row?.['oldest'] ?? null
  const ageMs = oldest === null ? 0 : machine.clock.now() - Number(oldest)
  return { behind: positionsIn(behind), freshnessSeconds: Math.max(0, ageMs / 1000) }
}
