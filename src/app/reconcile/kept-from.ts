/**
 * From when on the lake keeps what reconciliation fetches: rows of silver before it would be taken
 * out by the next retention, or be filed under the day of receipt, where nobody looks for them.
 */
import { firstDayKept } from '../../lake/retention.ts'
import { EARLIEST_MS } from '../../loader/silver/slice.ts'
import type { Config } from '../config/schema.ts'

/** Ms since the epoch. */
export function keptFrom(now: number, { lake }: Pick<Config, 'lake'>): number {
  return Math.max(Date.parse(firstDayKept(now, lake.retention.silver)), now - EARLIEST_MS)
}
