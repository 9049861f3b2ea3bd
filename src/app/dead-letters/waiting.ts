/**
 * Decisions that are durable and not in the lake yet: they count from the moment they are durable,
 * so that nobody takes them twice.
 */
import { operatorPartition, replayPartition } from '../../journal/command-partitions.ts'
import type { DeltaTable } from '../../lake/delta/delta-table.ts'
import {
  DISCARDED,
  decisionOf,
  type LetterDecision,
  REPLAYED,
} from '../../loader/dead-letters/letter.ts'
import type { Config } from '../config/schema.ts'
import type { Machine } from '../machine.ts'
import { waitingNotes } from '../waiting-notes.ts'

const partitions: ReadonlySet<string> = new Set([operatorPartition, replayPartition])
const reasons: ReadonlySet<string> = new Set([REPLAYED, DISCARDED])

/** `table` is null where there is no lake yet. */
export async function waitingDecisions(
  machine: Machine,
  { journal }: Pick<Config, 'journal'>,
  table: DeltaTable | null,
): Promise<LetterDecision[]> {
  const notes = await waitingNotes(machine, { journal, table }, { reasons, partitions })
  return notes.map(decisionOf)
}
