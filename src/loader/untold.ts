/**
 * What landed and no tally counts: made durable by a process that was killed before it told, or by
 * one that has not told yet. Its answers may have arrived, so that it counts as acknowledged.
 *
 * A tally covers positions `from` up to and without `to`; see `src/ingress/tally-note.ts`. Tallies
 * of one process follow each other without a hole, so that there are about as many holes as kills.
 */

import { isTally, talliedSql } from './tallied.ts'

/**
 * Items of a WITH clause that read `bronze`: `tallies`, each with its place and the positions from
 * `low` to `high` that it covers, and `holes` between those of a partition.
 */
export const tallyItems: readonly string[] = [
  `tallies AS (
    SELECT DISTINCT journal_id, journal_partition,
      ${talliedSql('from')} AS low, ${talliedSql('to')} AS high
    FROM bronze WHERE ${isTally})`,
  `edges AS (
    SELECT * FROM tallies
    UNION ALL
    SELECT DISTINCT journal_id, journal_partition, 0, 0 FROM bronze)`,
  `holes AS (
    SELECT journal_id, journal_partition, max(high) OVER before AS low,
      coalesce(lead(low) OVER place, 9223372036854775807) AS high
    FROM edges
    WINDOW place AS (PARTITION BY journal_id, journal_partition ORDER BY low, high),
      before AS (place ROWS UNBOUNDED PRECEDING))`,
]

/** Rows of `bronze` that are no notes and lie in a hole between tallies, as a FROM clause. */
export const untoldRows = `FROM bronze JOIN holes USING (journal_id, journal_partition)
  WHERE holes.low < holes.high AND bronze.outcome <> 'note'
    AND bronze.position >= holes.low AND bronze.position < holes.high`

/** One row, `n`: how many there are. */
export const untoldSql = `
  WITH ${tallyItems.join(',\n')} SELECT count(*)::DOUBLE AS n ${untoldRows}`
