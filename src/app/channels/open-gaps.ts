/**
 * Which gaps of notification channels nobody has reconciled: those that no comparison with Genesys
 * Cloud covers yet. Read from notes alone, landed or not.
 */
import type { NoteEntry } from '../../journal/entry.ts'
import type { DeltaTable } from '../../lake/delta/delta-table.ts'
import { RECONCILED, reconcilePartition } from '../../loader/gold/watermarks.ts'
import { type LandedDeps, landedNotes } from '../../loader/landed-notes.ts'
import type { Config } from '../config/schema.ts'
import type { Machine } from '../machine.ts'
import { waitingNotes } from '../waiting-notes.ts'
import { CHANNEL_GAP } from './gap-note.ts'
import { channelsPartition } from './proven-file.ts'

/** Of one organisation, ms since the epoch. */
export interface OrgInterval {
  readonly org: string
  readonly from: number
  readonly to: number
}

export type GapLake = LandedDeps & { readonly table: DeltaTable | null }

/** In the order in which they were told. `lake` is null where there is none yet. */
export async function openGaps(
  machine: Machine,
  { journal }: Pick<Config, 'journal'>,
  lake: GapLake | null,
): Promise<OrgInterval[]> {
  const table = lake?.table ?? null
  const waiting = await waitingNotes(
    machine,
    { journal, table },
    {
      reasons: new Set([CHANNEL_GAP, RECONCILED]),
      partitions: new Set([channelsPartition, reconcilePartition]),
    },
  )
  const detailsOf = async (reason: string, partition: string) => {
    // What the journal let go of before it was read has landed since the table was.
    await table?.refresh()
    const landed = lake && table ? await landedNotes(lake, table, { reason, partition }) : []
    const here = waiting.filter((note: NoteEntry) => note.reason === reason)
    return [...landed, ...here.map(({ detail }) => detail)].flatMap(intervalIn)
  }
  const gaps = await detailsOf(CHANNEL_GAP, channelsPartition)
  return uncovered(gaps, await detailsOf(RECONCILED, reconcilePartition))
}

/** Those of `gaps` of which a part lies in none of `covered`. Each once. */
export function uncovered(
  gaps: readonly OrgInterval[],
  covered: readonly OrgInterval[],
): OrgInterval[] {
  const ordered = covered.toSorted((one, other) => one.from - other.from)
  const open = gaps.filter((gap) => {
    let until = gap.from
    for (const { org, from, to } of ordered)
      if (org === gap.org && from <= until) until = Math.max(until, to)
    return until < gap.to
  })
  return [...new Map(open.map((gap) => [JSON.stringify(gap), gap])).values()]
}

/** Times stand there as milliseconds or as texts; none where it is no such note. */
function intervalIn(detail: string): OrgInterval[] {
  const { org, from, to }: Partial<Record<keyof OrgInterval, unknown>> = JSON.parse(detail)
  const [begin, end] = [timeOf(from), timeOf(to)]
  const isSound = typeof org === 'string' && Number.isFinite(begin) && Number.isFinite(end)
  return isSound ? [{ org, from: begin, to: end }] : []
}

function timeOf(value: unknown): number {
  return typeof value === 'string' ? Date.parse(value) : Number(value)
}
