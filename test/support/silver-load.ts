/** Puts rows into a silver table by hand, as the loader does: with the position that they reach. */
import { randomUUID } from 'node:crypto'
import { nodeFiles } from '../../src/core/node-files.ts'
import { systemRandom } from '../../src/core/random.ts'
import { writeParquet } from '../../src/lake/sql/parquet-writer.ts'
import { identifier, literal } from '../../src/lake/sql/quote.ts'
import type { Table } from '../../src/tables/table.ts'
import type { TestLake } from './lake.ts'

/** Columns of a row as SQL; the others are null. */
export type RowSql = Readonly<Record<string, string>>

export const testJournal = randomUUID()

export interface SilverLoad {
  readonly table: Table
  /** Of the partition folder. */
  readonly partitionValues: Readonly<Record<string, string>>
  readonly rows: readonly RowSql[]
  /** Moves the progress of the partition there. */
  readonly to: number
  readonly partition?: string
}

export async function loadSilver(lake: TestLake, load: SilverLoad): Promise<void> {
  const { table, partitionValues, rows, to, partition = 'gateway-0' } = load
  const columns = table.columns.filter(({ name }) => !table.partitionedBy.includes(name))
  const place: RowSql = {
    journal_id: literal(testJournal),
    journal_partition: literal(partition),
  }
  const selects = rows.map((row) => {
    const values = { ...place, ...row }
    const cells = columns.map(
      ({ name, type }) => `(${values[name] ?? 'NULL'})::${type} AS ${identifier(name)}`,
    )
    return `SELECT ${cells.join(', ')}`
  })
  const open = await lake.lake.table(table)
  const deps = { engine: lake.engine, files: nodeFiles, random: systemRandom }
  const job = { table, partitionValues, select: selects.join(' UNION ALL '), folder: lake.scratch }
  const adds = rows.length === 0 ? [] : await open.publish([await writeParquet(deps, job)])
  const appId = `inlet/${testJournal}/${partition}`
  await open.commit({ operation: 'WRITE', adds, txns: [{ appId, from: open.txn(appId), to }] })
}
