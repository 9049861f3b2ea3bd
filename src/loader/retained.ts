/**
 * What retention took out of bronze, as its notes tell it: the other half of the books.
 *
 * `{"before":"2025-10-18","files":n,"bytes":n,"rows":n,"untold":n,
 *   "sources":{"genesys":n},"ranges":[{"journal_id":"...","partition":"...","from":n,"to":n}]}`
 *
 * `rows` are events, duplicates and dead letters; notes are never taken out. `sources` has them by
 * source, under an empty name where none is known. `untold` are those that no tally covers
 * (./untold.ts). `ranges` are positions, both ends included, whose rows went or are notes.
 */
import type { SqlEngine } from '../lake/sql/duckdb.ts'
import { tableSelect } from '../lake/sql/table-view.ts'
import { arrivals } from '../tables/arrivals.ts'
import { GAP_ACCEPTED } from './arrival-row.ts'
import { untoldSql } from './untold.ts'

export const RETENTION = 'retention'
/** Of no journal: only notes of retention have positions in it. */
export const retentionPartition = 'retention'

export interface PositionRange {
  readonly journal_id: string
  readonly partition: string
  readonly from: number
  readonly to: number
}

export interface Retained {
  readonly rows: number
  readonly untold: number
  readonly sources: Readonly<Record<string, number>>
  readonly ranges: readonly PositionRange[]
}

/** Of the rows in `removed`; `notes` are all the files of notes. */
export async function retainedIn(
  engine: Pick<SqlEngine, 'rows'>,
  { removed, notes }: { readonly removed: readonly string[]; readonly notes: readonly string[] },
): Promise<Retained> {
  const gone = tableSelect(arrivals, removed)
  const both = tableSelect(arrivals, [...removed, ...notes])
  const sources = await engine.rows(`
    SELECT coalesce(source, '') AS source, count(*)::DOUBLE AS n FROM (${gone}) GROUP BY ALL`)
  const [untold] = await engine.rows(
    `WITH bronze AS (${both}) ${untoldSql.replace(/^\s*WITH /, ', ')}`,
  )
  const counts = sources.map((row) => [String(row['source']), Number(row['n'])] as const)
  return {
    rows: counts.reduce((sum, [, n]) => sum + n, 0),
    untold: Number(untold?.['n'] ?? 0),
    sources: Object.fromEntries(counts),
    ranges: await rangesIn(engine, both),
  }
}

/**
 * Runs of neighbouring positions that hold a row which goes. Notes join what lies around them: one
 * a second would else make a run of each second.
 */
async function rangesIn(engine: Pick<SqlEngine, 'rows'>, rows: string): Promise<PositionRange[]> {
  const place = 'PARTITION BY journal_id, journal_partition'
  const runs = await engine.rows(`
    WITH covered AS (
      SELECT journal_id, journal_partition, position AS first, outcome <> 'note' AS goes,
        CASE WHEN outcome = 'note' AND reason = '${GAP_ACCEPTED}'
          THEN (detail ->> '$.to')::BIGINT ELSE position END AS last
      FROM (${rows})),
    steps AS (
      SELECT *, first > coalesce(max(last) OVER (${place} ORDER BY first
        ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), -2) + 1 AS begins FROM covered),
    runs AS (
      SELECT *, sum(begins::INTEGER) OVER (${place} ORDER BY first
        ROWS UNBOUNDED PRECEDING) AS run FROM steps)
    SELECT journal_id, journal_partition, min(first)::DOUBLE AS "from", max(last)::DOUBLE AS "to"
    FROM runs GROUP BY journal_id, journal_partition, run HAVING bool_or(goes)
    ORDER BY journal_id, journal_partition, "from"`)
  return runs.map((row) => ({
    journal_id: String(row['journal_id']),
    partition: String(row['journal_partition']),
    from: Number(row['from']),
    to: Number(row['to']),
  }))
}

/** Sums over notes of retention; see the top. */
export function sumRetained(details: readonly string[]): Retained {
  let [rows, untold] = [0, 0]
  const sources: Record<string, number> = {}
  const ranges: PositionRange[] = []
  for (const detail of details) {
    const note: Retained = JSON.parse(detail)
    rows += note.rows
    untold += note.untold
    ranges.push(...note.ranges)
    for (const [source, n] of Object.entries(note.sources))
      sources[source] = (sources[source] ?? 0) + n
  }
  return { rows, untold, sources, ranges }
}
