/**
 * How a command writes to the journal: everything that happens is a journal record, what an
 * operator decides as well.
 *
 * - `recordDecisions(machine, { config }, decisions)` appends a note for each decision to the
 *   partition `operator` and resolves once they are durable, to their places.
 * - `withPartition(machine, { config, partition }, use)` lends the writer of a partition of the
 *   command's own, such as `replay`, and closes it behind `use`, whatever becomes of that.
 *
 * It works beside a running Inlet and without one: the loader finds the partition, new or not, and
 * lands it as any other; what was decided is then a row of `bronze.notes`. Nothing here needs the
 * lake, and a decision counts from the moment it is durable, whether or not it has landed.
 *
 * Limits: one command at a time writes a partition. Another waits five seconds for its turn, then
 * is told so. A full journal takes no decision (INL_JRN_FULL).
 */
import { hasCode, InletError } from '../core/errors.ts'
import { operatorPartition } from '../journal/command-partitions.ts'
import type { NoteEntry } from '../journal/entry.ts'
import type { JournalWriter } from '../journal/journal.ts'
import { openSegmentWriter } from '../journal/segment/writer.ts'
import type { EventPlace } from '../loader/places.ts'
import type { Config } from './config/schema.ts'
import { checkJournalDisk } from './disk-check.ts'
import { segmentOptions } from './journal-access.ts'
import type { Machine } from './machine.ts'

/** Whatever an operator decides. */
export interface Decision {
  /** A stable word, such as `schema_approved`, by which it is found in `bronze.notes`. */
  readonly reason: string
  /** It is kept and shown as it is: no personal data, which ids and hashes stand for. */
  readonly detail: Readonly<Record<string, unknown>>
  /** The source that it speaks of, if one. */
  readonly source?: string
}

export interface CommandJournal {
  readonly config: Pick<Config, 'journal'>
  /** Told what was damaged, repaired or torn by whoever wrote before, in words. */
  readonly report?: (text: string) => void
}

/** Rejects with INL_APP_PARTITION_BUSY where another process writes the partition. */
export async function withPartition<T>(
  machine: Machine,
  at: CommandJournal & { readonly partition: string },
  use: (journal: JournalWriter) => Promise<T>,
): Promise<T> {
  const { config, partition, report = () => undefined } = at
  await checkJournalDisk(config.journal)
  const opened = await openSegmentWriter(machine, segmentOptions(config, partition)).catch(
    (error: unknown) => {
      if (!hasCode(error, 'INL_JRN_LOCKED')) throw error
      throw new InletError('INL_APP_PARTITION_BUSY', { partition }, error)
    },
  )
  opened.reports.forEach(report)
  try {
    return await use(opened.writer)
  } finally {
    await opened.writer.close()
  }
}

/** Where each stands, in their order. All of them are durable, or none is known to be. */
export function recordDecisions(
  machine: Machine,
  at: CommandJournal,
  decisions: readonly [Decision, ...Decision[]],
): Promise<EventPlace[]> {
  const partition = operatorPartition
  return withPartition(machine, { ...at, partition }, async (journal) => {
    const now = machine.clock.now()
    const first = await journal.append(decisions.map((decision) => noteOf(decision, now)))
    const { journalId } = journal
    return decisions.map((_, index) => ({ journalId, partition, position: first + index }))
  })
}

function noteOf({ source = '', reason, detail }: Decision, receivedAt: number): NoteEntry {
  return { kind: 'note', source, receivedAt, reason, detail: JSON.stringify(detail) }
}
