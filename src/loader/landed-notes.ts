/**
 * Notes of one kind that have landed, in the order in which they were made: what was decided is
 * read from the table alone, so that every loader and every rebuild reads the same.
 */
import type { DeltaTable } from '../lake/delta/delta-table.ts'
import { mayHoldText } from '../lake/delta/statistics.ts'
import { literal } from '../lake/sql/quote.ts'
import type { BronzeDeps } from './bronze-files.ts'
import { bronzeSelect } from './bronze-files.ts'

export interface NoteQuestion {
  readonly reason: string
  /** The partition that such notes are written to. */
  readonly partition: string
}

/** Their details. Reads files of notes of that partition, and no others. */
export async function landedNotes(
  { engine, store }: BronzeDeps,
  table: DeltaTable,
  { reason, partition }: NoteQuestion,
): Promise<string[]> {
  const bronze = await bronzeSelect(
    store,
    table,
    ({ partitionValues, stats }) =>
      partitionValues['outcome'] === 'note' && mayHoldText(stats, 'journal_partition', partition),
  )
  const rows = await engine.rows(`
    SELECT detail FROM (${bronze})
    WHERE outcome = 'note' AND reason = ${literal(reason)}
      AND journal_partition = ${literal(partition)}
    ORDER BY received_at, journal_id, position`)
  return rows.map((row) => String(row['detail']))
}
