/**
 * Waits until the lake has all that the journal holds, silver all of bronze, and gold all of
 * silver, so that what the demo tells of each is of the same events. Progress bounds it, not time
 * alone: it gives up where nothing has moved for a minute.
 */
import { appId } from '../../loader/places.ts'
import { goldTables } from '../../tables/gold.ts'
import { silverTables } from '../../tables/silver.ts'
import { openPartitions } from '../journal-access.ts'
import { nullIfMissing, openReadableLake, type ReadableLake } from '../lake-access.ts'
import { layerStatus } from '../layer-status.ts'
import type { Machine } from '../machine.ts'

const LOOK_EVERY_MS = 1000
const TELL_EVERY_MS = 5000
const GIVE_UP_MS = 60_000

export interface CatchUpOptions {
  readonly lake: string
  readonly journal: string
  readonly signal: AbortSignal
  readonly tell: (line: string) => void
}

/** Positions that each has to go. */
interface Left {
  readonly bronze: number
  readonly silver: number
  readonly gold: number
}

/** False where it gave up. */
export async function caughtUp(machine: Machine, options: CatchUpOptions): Promise<boolean> {
  const { clock } = machine
  const { signal, tell } = options
  let told = clock.elapsed()
  let least = Number.POSITIVE_INFINITY
  let moved = told
  for (;;) {
    signal.throwIfAborted()
    const left = await look(machine, options)
    const now = clock.elapsed()
    const sum = left.bronze + left.silver + left.gold
    if (sum === 0) return true
    if (sum < least) moved = now
    least = Math.min(least, sum)
    if (now - moved > GIVE_UP_MS) return false
    if (now - told >= TELL_EVERY_MS) {
      told = now
      tell(`positions to go: ${Object.entries(left).map(toldOf).join(', ')}`)
    }
    await clock.sleep(LOOK_EVERY_MS, signal)
  }
}

const toldOf = ([layer, positions]: [string, number]) =>
  `${layer} ${positions.toLocaleString('en')}`

async function look(machine: Machine, { lake: root, journal }: CatchUpOptions): Promise<Left> {
  const lake = await openReadableLake(machine, root).catch(nullIfMissing)
  try {
    const bronze = await unlanded(machine, journal, lake)
    if (lake === null) return { bronze, silver: 0, gold: 0 }
    const [silver, gold] = [
      await layerStatus(machine, lake, silverTables),
      await layerStatus(machine, lake, goldTables),
    ]
    return { bronze, silver: silver.behind ?? 0, gold: gold.behind ?? 0 }
  } finally {
    lake?.close()
  }
}

async function unlanded(
  machine: Machine,
  journal: string,
  lake: ReadableLake | null,
): Promise<number> {
  let positions = 0
  for (const reader of await openPartitions(machine, journal)) {
    const { end } = await reader.bounds()
    positions += Math.max(0, end - (lake?.table?.txn(appId(reader)) ?? 0))
    await reader.close()
  }
  return positions
}
