/**
 * Decisions that are durable and not in the lake yet: they count from the moment they are durable,
 * so that nobody takes them twice.
 */
import type { NoteEntry } from '../../journal/entry.ts'
import type { DeltaTable } from '../../lake/delta/delta-table.ts'
import type { EventPlace } from '../../loader/places.ts'
import type { Config } from '../config/schema.ts'
import type { Machine } from '../machine.ts'
import { operatorPartition } from '../operator-journal.ts'
import { waitingNotes } from '../waiting-notes.ts'
import { DISCARDED, REPLAYED, replayPartition } from './letter.ts'

/** `at` in ms since the epoch. */
export interface WaitingDecision extends EventPlace {
  readonly reason: string
  readonly at: number
  readonly attempt: number | null
  readonly why: string | null
}

const partitions: ReadonlySet<string> = new Set([operatorPartition, replayPartition])
const reasons: ReadonlySet<string> = new Set([REPLAYED, DISCARDED])

/** `table` is null where there is no lake yet. */
export async function waitingDecisions(
  machine: Machine,
  { journal }: Pick<Config, 'journal'>,
  table: DeltaTable | null,
): Promise<WaitingDecision[]> {
  const notes = await waitingNotes(machine, { journal, table }, { reasons, partitions })
  return notes.map(decisionOf)
}

function decisionOf({ reason, receivedAt, detail }: NoteEntry): WaitingDecision {
  const { journal_id, partition, position, attempt = null, why = null } = JSON.parse(detail)
  return { journalId: journal_id, partition, position, reason, at: receivedAt, attempt, why }
}
