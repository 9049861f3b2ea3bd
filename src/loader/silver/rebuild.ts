/**
 * Makes the tables of silver anew, out of bronze alone, beside a loader that may be at work.
 *
 * Guarantee: the rows are those that the loader would have made of the same bronze under the same
 * schemas and rules; rows of events that retention took out of bronze stay as they are (docs/adr/
 * 027). Whenever the process ends, the next call goes on where it was. Events that end a process
 * stay out; those that an older DuckDB raised at are tried again.
 */
import type { DeltaTable } from '../../lake/delta/delta-table.ts'
import { arrivals } from '../../tables/arrivals.ts'
import { type Marks, RETENTION_MARK } from '../progress/marks.ts'
import {
  openStagedTable,
  type RebuildReport,
  type StagedTable,
  swapAll,
} from '../progress/staged-table.ts'
import { positionsIn, rangesBetween, standingOf } from '../progress/standing.ts'
import { retentionsOf } from '../retention.ts'
import { isFaultOfEvents } from './failure.ts'
import { keepTaken, takenRanges } from './kept-rows.ts'
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
  const bronze = await deps.lake.table(arrivals)
  for (;;) {
    await bronze.refresh()
    const retentions = retentionsOf(bronze)
    const staged = await stagedTables(deps, bronze, options)
    await fill(deps, staged, options)
    await bronze.refresh()
    // What retention took meanwhile may be missing: rows that are there must not go for it.
    if (retentionsOf(bronze) === retentions) return swapAll(staged, options.signal)
  }
}

async function stagedTables(
  deps: SilverDeps,
  bronze: DeltaTable,
  { scratch: folder, marks: given }: RebuildOptions,
): Promise<StagedTable[]> {
  const marks = new Map([...given, [RETENTION_MARK, retentionsOf(bronze)] as const])
  const taken = await takenRanges(deps, bronze)
  const staged: StagedTable[] = []
  for (const definition of deps.rows.tables) {
    const live = await deps.lake.table(definition)
    const keep = keepTaken(deps, live, { taken, folder })
    staged.push(await openStagedTable(deps, live, { marks, keep }))
  }
  return staged
}

async function fill(
  deps: SilverDeps,
  staged: readonly StagedTable[],
  { scratch, limits, signal, onProgress }: RebuildOptions,
): Promise<void> {
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
