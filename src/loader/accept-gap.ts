/**
 * An operator gives up positions that the journal lost: noted in bronze at the first of them, in
 * the commit that moves the table's progress over the gap.
 */

import { InletError } from '../core/errors.ts'
import { GAP_ACCEPTED, noteRow } from './arrival-row.ts'
import { commitLanding, type LandingDeps, publishRows } from './landing.ts'
import { appId } from './places.ts'

/** Positions of a partition; `to` is the last of them. */
export interface Gap {
  readonly journalId: string
  readonly partition: string
  readonly from: number
  readonly to: number
}

/**
 * Nothing happens where the table does not stand at the gap any more. Rejects with INL_LDR_CONFLICT
 * where somebody else wrote to it in the same moment.
 */
export async function acceptGap(deps: LandingDeps, gap: Gap): Promise<void> {
  const { journalId, partition, from, to } = gap
  const known = deps.table.txn(appId(gap))
  if ((known ?? 0) !== from) return
  const note = {
    kind: 'note' as const,
    source: '',
    receivedAt: deps.clock.now(),
    reason: GAP_ACCEPTED,
    detail: JSON.stringify({ from, to }),
  }
  const rows = [noteRow(note, { journalId, partition, position: from })]
  const rowsAsOf = deps.table.version
  const { files } = await publishRows(deps, rows)
  const batch = { journalId, partition, from: known, to: to + 1, records: [] }
  const result = await commitLanding(deps, { batches: [batch], rows, files, rowsAsOf })
  if (result.kind === 'conflict') throw new InletError('INL_LDR_CONFLICT', { partition })
}
