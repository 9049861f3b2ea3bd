/**
 * What the rows of a table rest on beside the rows that they are made of: marks in its log, each a
 * number. A rebuild leaves them, so that whoever comes later can tell from the lake alone whether
 * rows would come out otherwise.
 */
import { hash } from 'node:crypto'
import type { TxnStep } from '../../lake/delta/commit.ts'
import type { Lake } from '../../lake/lake.ts'
import { dayNumber } from '../../lake/retention.ts'
import type { Table } from '../../tables/table.ts'

/** By the application that holds it in the log. */
export type Marks = ReadonlyMap<string, number>

/** Schemas and rules of privacy under which rows of silver were made. */
export const RULES_MARK = 'inlet/silver-rules'
/** Of those, what operators have approved; without it, nothing was. */
export const APPROVALS_MARK = 'inlet/silver-approvals'
/** How often the tables that one of gold follows had been made anew when it was. */
export const SILVER_MARK = 'inlet/gold-of-silver'
/** Retention of bronze that had been noted when rows of silver were made anew. */
export const RETENTION_MARK = 'inlet/silver-retention'
/** The first day that retention has left in a table, as a number of days. */
export const TAKEN_BEFORE = 'inlet/taken-before'
/** The first day of a table of gold that is counted from what silver and bronze hold. */
export const KEPT_BEFORE = 'inlet/gold-kept-before'
/** Counts how often a table was made anew. */
export const REBUILDS = 'rebuild'

/** The same for the same text; fits what a log holds. */
export function markOf(text: string): number {
  return Number.parseInt(hash('sha256', text).slice(0, 12), 16)
}

/** Of approvals; 0 for none. */
export function approvalsMark(approved: readonly { topic: string; version: string }[]): number {
  if (approved.length === 0) return 0
  return markOf(approved.map(({ topic, version }) => `${topic} ${version}\n`).join(''))
}

/** What a retention says in the log of a table. */
export function takenBefore(log: Log, firstDay: string): TxnStep {
  const from = log.txn(TAKEN_BEFORE)
  return { appId: TAKEN_BEFORE, from, to: Math.max(from ?? 0, dayNumber(firstDay)) }
}

interface Log {
  txn(appId: string): number | null
}

export function rebuildsOf(tables: readonly Log[]): number {
  return tables.reduce((sum, table) => sum + (table.txn(REBUILDS) ?? 0), 0)
}

/** Whether a table holds rows that were made under other approvals. */
export async function restsOnOthers(
  lake: Lake,
  tables: readonly Table[],
  approvals: number,
): Promise<boolean> {
  for (const definition of tables) {
    const table = await lake.table(definition)
    await table.refresh()
    if ((table.txn(APPROVALS_MARK) ?? 0) !== approvals) return true
  }
  return false
}
