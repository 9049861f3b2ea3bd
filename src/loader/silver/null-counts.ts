/** How many rows of a slice have no value, by column: what a drift of the data shows in first. */
import type { SqlRunner } from '../../lake/sql/duckdb.ts'
import { identifier } from '../../lake/sql/quote.ts'
import { otherEvents } from '../../tables/silver.ts'
import type { ReadRows } from './masked-rows.ts'

export interface ColumnCount {
  readonly table: string
  readonly eventType: string
  readonly column: string
  readonly rows: number
  readonly nulls: number
}

/** Columns of every event, whatever it says; those that are counted are. */
const alwaysThere = new Set([
  ...['event_id', 'source', 'event_type', 'event_time', 'received_at', 'date'],
  ...['journal_id', 'journal_partition', 'position'],
])

/** By event type, since each fills columns of its own; of rows as they were read, before masks. */
export async function countNulls(
  engine: Pick<SqlRunner, 'rows'>,
  read: readonly ReadRows[],
): Promise<ColumnCount[]> {
  const counts: ColumnCount[] = []
  // Columns of other events say nothing of what an event holds.
  for (const { table, rows, filled } of read.filter((one) => one.table !== otherEvents)) {
    const columns = table.columns.filter(({ name }) => !alwaysThere.has(name))
    const values = columns.flatMap(({ name }, index) =>
      filled.has(name) ? [`count(${identifier(name)})::DOUBLE AS n${index}`] : [],
    )
    const found = await engine.rows(`
      SELECT ${['event_type', 'count(*)::DOUBLE AS rows', ...values].join(', ')}
      FROM ${rows} WHERE event_type IS NOT NULL GROUP BY event_type`)
    for (const row of found)
      for (const [index, { name }] of columns.entries())
        counts.push({
          table: table.name,
          eventType: String(row['event_type']),
          column: name,
          rows: Number(row['rows']),
          nulls: Number(row['rows']) - Number(row[`n${index}`] ?? 0),
        })
  }
  return counts
}
