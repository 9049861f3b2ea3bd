/**
 * `bronze.arrivals` as SQL, of as few of its files as a question needs. Statistics of a file may be
 * too wide or missing, never too narrow: what is left out holds nothing that was asked for.
 */
import type { DeltaTable } from '../lake/delta/delta-table.ts'
import { type Span, spanOf } from '../lake/delta/statistics.ts'
import type { DataFile } from '../lake/delta/table-state.ts'
import type { SqlEngine } from '../lake/sql/duckdb.ts'
import { tableSelect } from '../lake/sql/table-view.ts'
import type { LocalObjects } from '../lake/store/with-leases.ts'
import { arrivals } from '../tables/arrivals.ts'

export interface BronzeDeps {
  readonly engine: SqlEngine
  readonly store: LocalObjects
}

/** A SELECT over those files only that `wanted` keeps. */
export async function bronzeSelect(
  store: LocalObjects,
  table: DeltaTable,
  wanted: (file: DataFile, index: number) => boolean = () => true,
): Promise<string> {
  return tableSelect(arrivals, await bronzePaths(store, table, wanted))
}

/** Where those files lie that `wanted` keeps. */
export function bronzePaths(
  store: LocalObjects,
  table: DeltaTable,
  wanted: (file: DataFile, index: number) => boolean = () => true,
): Promise<string[]> {
  const files = table.snapshot().files.filter(wanted)
  return Promise.all(files.map((file) => store.localPath(`${table.key}/${file.key}`)))
}

export function isEventFile({ partitionValues }: Pick<DataFile, 'partitionValues'>): boolean {
  return partitionValues['outcome'] === 'event'
}

/** Keeps files that may hold what was received in one of `spans`, which must be in order. */
export function receivedIn(spans: readonly Span[]): (file: DataFile) => boolean {
  const mayHold = mayHoldOneOf(spans)
  const ofDays = mayHoldOneOf(spans.map(({ from, until }) => ({ from: beginOfDay(from), until })))
  return ({ stats, partitionValues: { date } }) => {
    const day = Date.parse(date ?? '')
    if (!Number.isNaN(day) && !ofDays({ from: day, until: day })) return false
    return mayHold(spanOf(stats, 'received_at'))
  }
}

/** Keeps files that may hold one of these positions, whatever the partition. */
export function atPositions(positions: readonly number[]): (file: DataFile) => boolean {
  const mayHold = mayHoldOneOf(merged(positions.map((at) => ({ from: at, until: at }))))
  return ({ stats }) => mayHold(spanOf(stats, 'position'))
}

/** Spans in order that overlap nowhere and hold all that the given ones hold. */
export function merged(spans: Iterable<Span>): Span[] {
  const result: Span[] = []
  for (const span of [...spans].sort((a, b) => a.from - b.from)) {
    const last = result.at(-1)
    if (last === undefined || last.until < span.from) result.push(span)
    else result[result.length - 1] = { from: last.from, until: Math.max(last.until, span.until) }
  }
  return result
}

/** The first span that ends behind the beginning of `held` is the one that may meet it. */
function mayHoldOneOf(spans: readonly Span[]): (held: Span) => boolean {
  return ({ from, until }) => {
    let low = 0
    let high = spans.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((spans[middle]?.until ?? until) < from) low = middle + 1
      else high = middle
    }
    const next = spans[low]
    return next !== undefined && next.from <= until
  }
}

/** As files are partitioned. */
export function dayOf(time: number): string {
  return new Date(time).toISOString().slice(0, 10)
}

function beginOfDay(time: number): number {
  const day = 86_400_000
  return Math.floor(time / day) * day
}
