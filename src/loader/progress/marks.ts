/**
 * What the rows of a table rest on beside the rows that they are made of: marks in its log, each a
 * number. A rebuild leaves them, so that whoever comes later can tell from the lake alone whether
 * rows would come out otherwise.
 */
import { hash } from 'node:crypto'
import type { Lake } from '../../lake/lake.ts'
import type { Table } from '../../tables/table.ts'

/** By the application that holds it in the log. */
export type Marks = ReadonlyMap<string, number>

/** Schemas and rules of privacy under which rows of silver were made. */
export const RULES_MARK = 'inlet/silver-rules'
/** Of those, what operators have approved; without it, nothing was. */
export const APPROVALS_MARK = 'inlet/silver-approvals'
/** How often the tables that one of gold follows had been made anew when it was. */
export const SILVER_MARK = 'inlet/gold-of-silver'
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
