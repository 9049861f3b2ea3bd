/**
 * Up to when what is here was compared with Genesys Cloud, by organisation: the completeness
 * watermark. It is told by notes of reconciliation, and kept in the log of the table whose rows
 * rest on it.
 *
 * A note moves it from an interval that begins no later than where it stands; the first one sets
 * it. It never goes back. So it follows from the notes in their order, whatever is killed when.
 * Rows of an organisation that was never compared know of no watermark.
 */
import type { TxnStep } from '../../lake/delta/commit.ts'
import { literal } from '../../lake/sql/quote.ts'

/** The reason of the note of a reconciliation, and the partition that it is written to. */
export const RECONCILED = 'reconciled'
export const reconcilePartition = 'reconcile'

const APP = 'inlet-watermark/'

/** By organisation, ms since the epoch. */
export type Watermarks = ReadonlyMap<string, number>

/** What a note says was compared, `to` excluded; ms since the epoch. */
export interface ComparedInterval {
  readonly orgId: string
  readonly from: number
  readonly to: number
}

export function watermarksIn(txns: ReadonlyMap<string, number>): Watermarks {
  return new Map(
    [...txns].flatMap(([app, at]) => (app.startsWith(APP) ? [[app.slice(APP.length), at]] : [])),
  )
}

/** `compared` in the order of their notes. */
export function movedBy(before: Watermarks, compared: readonly ComparedInterval[]): Watermarks {
  const after = new Map(before)
  for (const { orgId, from, to } of compared) {
    const stands = after.get(orgId)
    if (stands === undefined || (from <= stands && to > stands)) after.set(orgId, to)
  }
  return after
}

export function watermarkSteps(before: Watermarks, after: Watermarks): TxnStep[] {
  return [...after].flatMap(([orgId, to]) => {
    const from = before.get(orgId) ?? null
    return from === to ? [] : [{ appId: `${APP}${orgId}`, from, to }]
  })
}

/** Whether a row of `org_id` that is of `time` lies behind what was compared. Never null. */
export function isBeyondSql(watermarks: Watermarks, time: string): string {
  const conditions = [...watermarks].map(
    ([orgId, at]) => `(org_id = ${literal(orgId)} AND ${time} >= ${timeOf(at)})`,
  )
  return conditions.length === 0 ? 'false' : `coalesce(${conditions.join(' OR ')}, false)`
}

/** Where rows lie for which that differs; `to` may be infinite. */
export type Passed = ComparedInterval

export function passedBetween(before: Watermarks, after: Watermarks): Passed[] {
  return [...after].flatMap(([orgId, at]) => {
    const stood = before.get(orgId)
    if (stood === at) return []
    return [
      stood === undefined
        ? { orgId, from: at, to: Number.POSITIVE_INFINITY }
        : { orgId, from: stood, to: at },
    ]
  })
}

export function isPassedSql({ orgId, from, to }: Passed, time: string): string {
  const until = Number.isFinite(to) ? ` AND ${time} < ${timeOf(to)}` : ''
  return `(org_id = ${literal(orgId)} AND ${time} >= ${timeOf(from)}${until})`
}

function timeOf(ms: number): string {
  return `make_timestamptz(${ms * 1000}::BIGINT)`
}
