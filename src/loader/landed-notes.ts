/**
 * Notes of one kind that have landed, in the order in which they were made: what was decided is
 * read from the table alone, so that every loader and every rebuild reads the same.
 */
import type { DeltaTable } from '../lake/delta/delta-table.ts'
import { mayHoldText } from '../lake/delta/statistics.ts'
import type { DataFile } from '../lake/delta/table-state.ts'
import type { SqlEngine } from '../lake/sql/duckdb.ts'
import { literal } from '../lake/sql/quote.ts'
import type { ObjectStore } from '../lake/store/object-store.ts'
import { withLeases } from '../lake/store/with-leases.ts'
import { bronzeSelect } from './bronze-files.ts'

export interface LandedDeps {
  readonly engine: SqlEngine
  readonly store: Pick<ObjectStore, 'lease'>
}

export interface NoteQuestion {
  readonly reason: string
  /** The partition that such notes are written to. */
  readonly partition: string
}

/** Their details. Reads files of notes of that partition, and no others. */
export async function landedNotes(
  { engine, store }: LandedDeps,
  table: DeltaTable,
  { reason, partition }: NoteQuestion,
): Promise<string[]> {
  const mayHold = ({ partitionValues, stats }: DataFile) =>
    partitionValues['outcome'] === 'note' && mayHoldText(stats, 'journal_partition', partition)
  const rows = await withLeases(store, async (objects) =>
    engine.rows(`
      SELECT detail FROM (${await bronzeSelect(objects, table, mayHold)})
      WHERE outcome = 'note' AND reason = ${literal(reason)}
        AND journal_partition = ${literal(partition)}
      ORDER BY received_at, journal_id, position`),
  )
  return rows.map((row) => String(row['detail']))
}
