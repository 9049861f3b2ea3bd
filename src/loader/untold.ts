/**
 * What landed and no tally counts: made durable by a process that was killed before it told, or by
 * one that has not told yet. Its answers may have arrived, so that it counts as acknowledged.
 *
 * A tally covers positions `from` up to and without `to`; see `src/ingress/tally-note.ts`. Tallies
 * of one process follow each other without a hole, so that there are about as many holes as kills.
 */

/** A detail that is no JSON must not be looked into, in whatever order DuckDB filters. */
function position(name: string): string {
  return `CASE WHEN outcome = 'note' AND reason = 'tally'
    THEN (detail ->> '$.${name}')::BIGINT END`
}

/** One row, `n`: rows of `bronze` that are no notes and lie in a hole between tallies. */
export const untoldSql = `
  WITH tallies AS (
    SELECT DISTINCT journal_id, journal_partition,
      ${position('from')} AS low, ${position('to')} AS high
    FROM bronze WHERE outcome = 'note' AND reason = 'tally'),
  edges AS (
    SELECT * FROM tallies
    UNION ALL
    SELECT DISTINCT journal_id, journal_partition, 0, 0 FROM bronze),
  holes AS (
    SELECT journal_id, journal_partition, max(high) OVER before AS low,
      coalesce(lead(low) OVER place, 9223372036854775807) AS high
    FROM edges
    WINDOW place AS (PARTITION BY journal_id, journal_partition ORDER BY low, high),
      before AS (place ROWS UNBOUNDED PRECEDING))
  SELECT count(*)::DOUBLE AS n FROM bronze JOIN holes
    USING (journal_id, journal_partition)
  WHERE holes.low < holes.high AND bronze.outcome <> 'note'
    AND bronze.position >= holes.low AND bronze.position < holes.high`
