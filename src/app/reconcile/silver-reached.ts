/**
 * Waits until silver tells all that was durable when this was called: what is on its way to the
 * lake is not missing there.
 */
import { InletError } from '../../core/errors.ts'
import { formatDuration } from '../../core/units.ts'
import { appId } from '../../loader/places.ts'
import type { Config } from '../config/schema.ts'
import { openPartitions } from '../journal-access.ts'
import { nullIfMissing, openReadableLake, type ReadableLake } from '../lake-access.ts'
import type { Machine } from '../machine.ts'
import { findTable, tellingTables } from './lake-knowledge.ts'

const LOOK_EVERY_MS = 500
/** Without a step of a loader for so long, there is none, or it is stuck. */
const PATIENCE_MS = 120_000

/**
 * The lake, which the caller closes; null where nothing was ever durable. Rejects with
 * INL_REC_BEHIND where nothing moves.
 */
export async function reachedLake(
  machine: Machine,
  config: Config,
  signal: AbortSignal,
): Promise<ReadableLake | null> {
  const { clock } = machine
  const wanted = await durableEnds(machine, config)
  let least = Number.POSITIVE_INFINITY
  for (let movedAt = clock.elapsed(); ; ) {
    signal.throwIfAborted()
    const lake = await openReadableLake(machine, config).catch(nullIfMissing)
    const behind = await behindOf(machine, lake, wanted).catch((error: unknown) => {
      lake?.close()
      throw error
    })
    if (behind === 0) return lake
    lake?.close()
    if (behind < least) movedAt = clock.elapsed()
    least = Math.min(least, behind)
    const waited = clock.elapsed() - movedAt
    if (waited > PATIENCE_MS)
      throw new InletError('INL_REC_BEHIND', { behind, waited: formatDuration(waited) })
    await clock.sleep(LOOK_EVERY_MS, signal)
  }
}

type Ends = ReadonlyMap<string, number>

async function durableEnds(machine: Machine, { journal }: Config): Promise<Ends> {
  const ends = new Map<string, number>()
  for (const reader of await openPartitions(machine, journal.dir)) {
    ends.set(appId(reader), (await reader.bounds()).end)
    await reader.close()
  }
  return ends
}

/** Positions of the table that is furthest behind. */
async function behindOf(machine: Machine, lake: ReadableLake | null, ends: Ends): Promise<number> {
  const all = [...ends.values()].reduce((sum, end) => sum + end, 0)
  if (lake === null) return all
  let most = 0
  for (const definition of tellingTables) {
    const table = await findTable(machine, lake, definition)
    const left = [...ends].map(([app, end]) => Math.max(0, end - (table?.txn(app) ?? 0)))
    const sum = left.reduce((total, one) => total + one, 0)
    most = Math.max(most, sum)
  }
  return most
}
