/**
 * An operator gives up positions that the journal lost: noted in bronze at the first of them, in
 * the commit that moves the table's progress over the gap. Nothing happens where there is no gap.
 */

import { InletError } from '../core/errors.ts'
import type { JournalReader } from '../journal/journal.ts'
import { noteRow } from './arrival-row.ts'
import { commitLanding, type LandingDeps } from './landing.ts'
import { appId } from './places.ts'

export const GAP_ACCEPTED = 'gap_accepted'

export async function acceptGap(deps: LandingDeps, reader: JournalReader): Promise<void> {
  const { journalId, partition } = reader
  const from = deps.table.txn(appId(reader)) ?? 0
  const to = (await reader.bounds()).first
  if (to <= from) return
  const note = {
    kind: 'note' as const,
    source: '',
    receivedAt: deps.clock.now(),
    reason: GAP_ACCEPTED,
    detail: JSON.stringify({ from, to: to - 1 }),
  }
  const rows = [noteRow(note, { journalId, partition, position: from })]
  const files = await deps.table.publish(await deps.writer.write(rows))
  const known = deps.table.txn(appId(reader))
  const batch = { journalId, partition, from: known, to, records: [] }
  const rowsAsOf = deps.table.version
  const result = await commitLanding(deps, { batches: [batch], rows, files, rowsAsOf })
  if (result.kind === 'conflict') {
    throw new InletError('INL_LDR_CONFLICT', { partition })
  }
}
