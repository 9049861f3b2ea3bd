/**
 * How a table of gold follows the watermarks: each keeps them in its own log, in the commit of the
 * rows that rest on them, and tells those of its rows again that they pass.
 */
import type { TxnStep } from '../../lake/delta/commit.ts'
import { mayHoldText, spanOf } from '../../lake/delta/statistics.ts'
import type { DataFile } from '../../lake/delta/table-state.ts'
import { dayOfNumber } from '../../lake/retention.ts'
import { literal } from '../../lake/sql/quote.ts'
import { arrivals } from '../../tables/arrivals.ts'
import type { Table } from '../../tables/table.ts'
import { TAKEN_BEFORE } from '../progress/marks.ts'
import type { GoldTable, Replacement } from './refresh.ts'
import { filedIn, type Sources } from './sources.ts'
import {
  type ComparedInterval,
  isBeyondSql,
  isPassedSql,
  movedBy,
  passedBetween,
  RECONCILED,
  reconcilePartition,
  watermarkSteps,
  watermarksIn,
} from './watermarks.ts'

export interface Dated extends Pick<GoldTable, 'table' | 'follows'> {
  /** The column that dates a row. Its files have statistics of it. */
  readonly column: string
  /** How long after that the row's last moment may lie, ms. */
  readonly lastsMs: number
}

export interface MovedWatermarks {
  /** What the log of the table is to say beside its rows. */
  readonly marks: readonly TxnStep[]
  /**
   * Rows of the table that a watermark passes: SELECTs, none where it stands still. What retention
   * has taken the sources of stays as it was told.
   */
  readonly passed: readonly string[]
  /** Whether a row lies behind what was compared. */
  readonly isBeyond: string
}

export async function movedWatermarks(
  sources: Sources,
  { table, follows, column, lastsMs }: Dated,
): Promise<MovedWatermarks> {
  const marked = follows.map((source) => sources.marks(source).get(TAKEN_BEFORE) ?? -1)
  const isWhole = filedIn({ from: dayOfNumber(Math.max(...marked) + 1) })
  const before = watermarksIn(sources.marks(table))
  const after = movedBy(before, await comparedIn(sources))
  const time = lastsMs === 0 ? column : `(${column} + to_microseconds(${lastsMs * 1000 - 1}))`
  const passed = passedBetween(before, after).map((one) => {
    const mayHold = (file: DataFile) => {
      const { from, until } = spanOf(file.stats, column)
      return isWhole(file) && from < one.to && one.from <= until + lastsMs
    }
    return sources.where(table, mayHold, isPassedSql(one, time))
  })
  const marks = watermarkSteps(before, after)
  return { marks, passed: await Promise.all(passed), isBeyond: isBeyondSql(after, time) }
}

/** A replacement of no row: the log alone says more. Null where it does not either. */
export async function marksAlone(
  sources: Sources,
  table: Table,
  marks: readonly TxnStep[],
): Promise<Replacement | null> {
  if (marks.length === 0) return null
  await sources.make('fresh', await sources.where(table, () => false, 'true'))
  return { replaced: 'false', days: [], marks }
}

/** What new notes say was compared, in their order. */
async function comparedIn(sources: Sources): Promise<ComparedInterval[]> {
  const isNote = ({ partitionValues: { outcome }, stats }: DataFile) =>
    outcome === 'note' && mayHoldText(stats, 'journal_partition', reconcilePartition)
  const rows = await sources.rows(`
    SELECT detail FROM (${await sources.changed(arrivals, isNote)})
    WHERE outcome = 'note' AND reason = ${literal(RECONCILED)}
    ORDER BY received_at, journal_id, journal_partition, position`)
  return rows.map(({ detail }) => {
    const { orgId, from, to } = JSON.parse(String(detail))
    return { orgId, from: Date.parse(from), to: Date.parse(to) }
  })
}
