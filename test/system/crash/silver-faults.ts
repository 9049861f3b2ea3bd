/** What silver must not be after everything was killed: an event missing, or there twice. */
import { join } from 'node:path'
import { openQueryAt } from '../../../src/app/lake-access.ts'
import { realMachine } from '../../../src/app/machine.ts'
import { silverTables, violations } from '../../../src/tables/silver.ts'

const tables = silverTables.filter((table) => table !== violations).map(({ name }) => name)

/** Each event of bronze is in one table, save those that are told of; no row is there twice. */
export async function silverFaults(folder: string): Promise<string[]> {
  const session = await openQueryAt(realMachine, join(folder, 'lake'))
  const numbers = async (sql: string) => {
    const { rows } = await session.query(sql)
    return (rows[0] ?? []).map(Number)
  }
  try {
    const faults: string[] = []
    const place = 'journal_id, journal_partition, position'
    const held = tables.map((name) => `SELECT DISTINCT ${place} FROM ${name}`)
    const [missing = 0, several = 0, events = 0] = await numbers(`
      SELECT count_if(held = 0), count_if(held > 1), count(*) FROM (
        SELECT ${place}, count(found.position) AS held
        FROM (SELECT ${place} FROM bronze.events ANTI JOIN (
          FROM silver.violations WHERE rule = 'not_readable_by_sql') USING (${place})) wanted
        LEFT JOIN (${held.join(' UNION ALL ')}) found USING (${place}) GROUP BY ALL)`)
    if (events === 0) faults.push('no event could be looked for in silver')
    if (missing > 0) faults.push(`${missing} events are in no table of silver`)
    if (several > 0) faults.push(`${several} events are in several tables of silver`)
    for (const name of tables) {
      const [twice = 0] = await numbers(
        `SELECT count(*) - count(DISTINCT one::VARCHAR) FROM ${name} one`,
      )
      if (twice > 0) faults.push(`${twice} rows are twice in ${name}`)
    }
    return faults
  } finally {
    session.close()
  }
}
