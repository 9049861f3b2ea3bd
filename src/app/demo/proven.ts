/** What the reconciliation of the demo owes: it found what was lost, that alone, and once. */
import type { OrgReport } from '../../reconcile/report.ts'
import type { Standing } from './standing.ts'

export interface Reconciled {
  readonly lost: { readonly events: number; readonly conversations: number }
  readonly report: OrgReport
  /** Whether the report names the conversations that lost something, and no other. */
  readonly isExact: boolean
  /** What a second run made of the same interval. */
  readonly again: OrgReport
  readonly before: Standing
  readonly after: Standing
}

export function isComplete({ lost, report, isExact, again, after }: Reconciled): boolean {
  const isFetched = report.backFilled === lost.conversations && submitted(again) === 0
  return isExact && isFetched && after.provisional + after.untrue.length === 0
}

/** Records that a run had to fetch. */
export function submitted({ backFilled, filtered }: OrgReport): number {
  return backFilled + filtered
}
