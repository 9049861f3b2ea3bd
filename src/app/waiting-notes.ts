/**
 * Notes that are durable and not in the lake yet: what an operator decided counts from the moment
 * it is durable, so that nobody decides it twice.
 */
import type { NoteEntry } from '../journal/entry.ts'
import type { DeltaTable } from '../lake/delta/delta-table.ts'
import { appId } from '../loader/places.ts'
import type { Config } from './config/schema.ts'
import { openPartitions } from './journal-access.ts'
import { recordsOf } from './journal-inspect.ts'
import type { Machine } from './machine.ts'

export interface WaitingQuestion {
  readonly reasons: ReadonlySet<string>
  readonly partitions: ReadonlySet<string>
}

/** By partition, in the order of the journal. `table` is null where there is no lake yet. */
export async function waitingNotes(
  machine: Machine,
  { journal, table }: Pick<Config, 'journal'> & { readonly table: DeltaTable | null },
  { reasons, partitions }: WaitingQuestion,
): Promise<NoteEntry[]> {
  const readers = await openPartitions(machine, journal.dir, partitions)
  const found: NoteEntry[] = []
  try {
    for (const reader of readers) {
      const { first, end } = await reader.bounds()
      const from = Math.max(first, table?.txn(appId(reader)) ?? 0)
      for await (const record of recordsOf(reader, { from, end })) {
        if (!('kind' in record) || record.kind !== 'entry') continue
        const { entry } = record
        if (entry.kind === 'note' && reasons.has(entry.reason)) found.push(entry)
      }
    }
    return found
  } finally {
    for (const reader of readers) await reader.close()
  }
}
