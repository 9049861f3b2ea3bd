/**
 * Is a journal still the one that the lake has read?
 *
 * A journal that was set back to an old copy and has gone on since holds other events at positions
 * that the lake already has: read on from where the lake stands, those would be lost in silence.
 * So the record before that position, which is never let go, is compared with its row. Where either
 * is gone or damaged nothing can be told, and nothing is held up.
 *
 * Compared is when it was received and from whom, which masking leaves as it is. Limits: a loader
 * that runs on while the files are exchanged beneath it looks only when it starts again.
 */
import { hasCode, InletError } from '../core/errors.ts'
import type { Entry, JournalRecord } from '../journal/entry.ts'
import type { JournalReader } from '../journal/journal.ts'
import type { DeltaTable } from '../lake/delta/delta-table.ts'
import { DAMAGED, GAP_ACCEPTED } from './arrival-row.ts'
import type { LandedArrivals, LandedRow } from './evidence.ts'
import { appId, placeName, type SourcePolicies } from './places.ts'

export interface HistoryDeps {
  readonly landed: LandedArrivals
  readonly table: DeltaTable
  readonly policies: SourcePolicies
}

/**
 * True once nothing speaks against it; false while the journal ends before the lake, which reading
 * on will tell. Rejects with INL_LDR_ROLLED_BACK.
 */
export async function checkHistory(deps: HistoryDeps, reader: JournalReader): Promise<boolean> {
  const { journalId, partition } = reader
  const stands = deps.table.txn(appId(reader)) ?? 0
  if (stands === 0) return true
  const { end } = await reader.bounds()
  if (end < stands) return false
  const place = { journalId, partition, position: stands - 1 }
  const record = await recordAt(reader, place.position)
  if (record?.kind !== 'entry') return true
  const questions = {
    eventIds: new Map(),
    places: new Map([[placeName(place), place]]),
    contents: new Map(),
  }
  const { rows } = await deps.landed.gatherEvidence(deps.table, { ...deps, questions })
  const row = rows.get(placeName(place))
  if (row === undefined || !tellsItsRecord(row) || isRowOf(record.entry, row)) return true
  throw new InletError('INL_LDR_ROLLED_BACK', { partition, position: place.position, end })
}

async function recordAt(reader: JournalReader, position: number): Promise<JournalRecord | null> {
  try {
    const [record] = await reader.read(position, { records: 1, bytes: 1 })
    return record?.position === position ? record : null
  } catch (error) {
    if (hasCode(error, 'INL_JRN_GAP')) return null
    throw error
  }
}

/** What was damaged when it landed, and what was given up, tell of the landing alone. */
function tellsItsRecord({ outcome, reason }: LandedRow): boolean {
  const isDamaged = outcome === 'dead_letter' && reason === DAMAGED
  return !isDamaged && !(outcome === 'note' && reason === GAP_ACCEPTED)
}

function isRowOf(entry: Entry, row: LandedRow): boolean {
  const { source, receivedAt } = 'envelope' in entry ? entry.envelope : entry
  return source === (row.source ?? '') && receivedAt === row.receivedAt
}
