/**
 * Makes the tables of silver anew, out of bronze alone, beside a loader that may be at work.
 *
 * Guarantee: the rows are those that the loader would have made of the same bronze under the same
 * schemas and rules. Whenever the process ends, the next call goes on where it was. Events that end
 * a process stay out; those that an older DuckDB raised at are tried again.
 */
import { arrivals } from '../../tables/arrivals.ts'
import type { Marks } from '../progress/marks.ts'
import {
  openStagedTable,
  type RebuildReport,
  type StagedTable,
  swapAll,
} from '../progress/staged-table.ts'
import { positionsIn, rangesBetween, standingOf } from '../progress/standing.ts'
import { isFaultOfEvents } from './failure.ts'
import { SilverMeter } from './silver-meter.ts'
import { type SilverDeps, SilverRounds, type SliceLimits } from './silver-rounds.ts'

export interface RebuildOptions {
  readonly scratch: string
  readonly limits?: SliceLimits
  /** What the rows rest on beside bronze: under others it begins again. */
  readonly marks: Marks
  readonly signal: AbortSignal
  /** Positions that are done, of all. */
  readonly onProgress: (done: number, of: number) => void
}

/** One at a time, which the caller sees to. Rejects where `signal` aborts. */
export async function rebuildSilver(
  deps: SilverDeps,
  options: RebuildOptions,
): Promise<RebuildReport> {
  const { scratch, limits, marks, signal, onProgress } = options
  const staged: StagedTable[] = []
  for (const definition of deps.rows.tables)
    staged.push(await openStagedTable(deps, await deps.lake.table(definition), marks))
  const tables = async () => staged.map(({ table }) => table)
  const bronze = await deps.lake.table(arrivals)
  const all = positionsIn(rangesBetween(new Map(), standingOf((await bronze.refresh()).txns)))
  const meter = new SilverMeter((behind) => onProgress(Math.max(0, all - behind), all))
  const isSpared = ({ cause }: { cause: string }) => cause === 'killed'
  const rounds = new SilverRounds(
    { ...deps, meter, tables, isSpared },
    { scratch, name: 'rebuild', ...(limits && { limits }) },
  )
  await untilDone(rounds, signal)
  return swapAll(staged, signal)
}

/** An event at fault is searched for by failing: as long as that goes on, it is tried again. */
async function untilDone(rounds: SilverRounds, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      await rounds.run(signal)
      break
    } catch (error) {
      if (!isFaultOfEvents(error)) throw error
    }
  }
  signal.throwIfAborted()
}
