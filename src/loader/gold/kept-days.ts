/**
 * Days of gold whose rows stay as they are, because retention has taken out what they were made of
 * (docs/adr/027).
 *
 * No step touches rows of days before the first one that retention has left in the tables that
 * gold follows: what comes late for them would take the place of all that was counted there.
 *
 * A table of gold that is made anew, by a rebuild or by other options, says in its log with which
 * day its rows begin to be made anew: the second one that retention has left, since what spans
 * midnight rests on the day before. From then on no step touches older rows.
 */
import type { TxnStep } from '../../lake/delta/commit.ts'
import type { DataFile } from '../../lake/delta/table-state.ts'
import { dayOfNumber } from '../../lake/retention.ts'
import { literal } from '../../lake/sql/quote.ts'
import type { Table } from '../../tables/table.ts'
import { KEPT_BEFORE, TAKEN_BEFORE } from '../progress/marks.ts'
import type { GoldTable, Replacement } from './refresh.ts'
import { type GoldTarget, type Sources, work } from './sources.ts'

/** By the first day that is made anew, as a number of days; null where nothing is kept. */
export function keptBefore(
  { follows, table }: GoldTable,
  open: (table: Table) => Pick<GoldTarget, 'state' | 'txn'>,
): number | null {
  const taken = follows.map((source) => open(source).txn(TAKEN_BEFORE))
  const days = taken.filter((day) => day !== null).map((day) => day + 1)
  const first = Math.max(open(table).txn(KEPT_BEFORE) ?? 0, ...days)
  const files = [...open(table).state.files.values()]
  return first > 0 && files.some((file) => isKept(file, first)) ? first : null
}

/** What the log of the table says then. */
export function keptStep(table: Pick<GoldTarget, 'txn'>, first: number | null): TxnStep[] {
  return first === null ? [] : [{ appId: KEPT_BEFORE, from: table.txn(KEPT_BEFORE), to: first }]
}

export function isKept({ partitionValues: { date } }: DataFile, first: number | null): boolean {
  return first !== null && typeof date === 'string' && date < dayOfNumber(first)
}

/** The first day whose rows a step may touch, as a number of days; null where it may touch any. */
export function firstCounted(
  sources: Pick<Sources, 'marks'>,
  { table, follows }: Pick<GoldTable, 'table' | 'follows'>,
): number | null {
  const taken = follows.map((source) => sources.marks(source).get(TAKEN_BEFORE) ?? 0)
  const first = Math.max(sources.marks(table).get(KEPT_BEFORE) ?? 0, ...taken)
  return first > 0 ? first : null
}

/** A refresh that leaves the rows of such days alone. */
export async function withoutKept(
  sources: Sources,
  golden: Pick<GoldTable, 'table' | 'follows'>,
  replacement: Replacement | null,
): Promise<Replacement | null> {
  const first = firstCounted(sources, golden)
  if (first === null || replacement === null) return replacement
  const { replaced, days } = replacement
  const day = `${literal(dayOfNumber(first))}::DATE`
  await sources.run(`DELETE FROM ${work('fresh')} WHERE date < ${day}`)
  return {
    ...replacement,
    replaced: `(${replaced}) AND date >= ${day}`,
    days: days.filter((one) => one >= dayOfNumber(first)),
  }
}
