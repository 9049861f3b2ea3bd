/** How many rows of a slice have no value, by column: what a drift of the data shows in first. */
import type { SqlRunner } from '../../lake/sql/duckdb.ts'
import { identifier } from '../../lake/sql/quote.ts'
import { largeFields, otherEvents, violations } from '../../tables/silver.ts'
import type { SilverStatement } from './statements.ts'

export interface ColumnCount {
  readonly table: string
  readonly eventType: string
  readonly column: string
  readonly rows: number
  readonly nulls: number
}

/** Their columns say nothing of what an event holds. */
const left: ReadonlySet<string> = new Set([otherEvents.name, largeFields.name, violations.name])

/** By event type, since each fills columns of its own. */
export async function countNulls(
  engine: Pick<SqlRunner, 'rows'>,
  statements: readonly SilverStatement[],
): Promise<ColumnCount[]> {
  const counts: ColumnCount[] = []
  for (const { table, select } of statements) {
    if (left.has(table.name)) continue
    const columns = table.columns.filter(({ name }) => name !== 'event_type')
    const parts = columns.map(
      ({ name }, index) => `(count(*) - count(${identifier(name)}))::DOUBLE AS n${index}`,
    )
    const found = await engine.rows(`
      SELECT event_type, count(*)::DOUBLE AS rows, ${parts.join(', ')}
      FROM (${select}) WHERE event_type IS NOT NULL GROUP BY event_type`)
    for (const row of found)
      for (const [index, { name }] of columns.entries())
        counts.push({
          table: table.name,
          eventType: String(row['event_type']),
          column: name,
          rows: Number(row['rows']),
          nulls: Number(row[`n${index}`]),
        })
  }
  return counts
}
