/**
 * Decisions that are durable and not in the lake yet: they count from the moment they are durable,
 * so that nobody takes them twice.
 */
import type { DeltaTable } from '../../lake/delta/delta-table.ts'
import { appId, type EventPlace } from '../../loader/places.ts'
import type { Config } from '../config/schema.ts'
import { openPartitions } from '../journal-access.ts'
import { recordsOf } from '../journal-inspect.ts'
import type { Machine } from '../machine.ts'
import { operatorPartition } from '../operator-journal.ts'
import { DISCARDED, REPLAYED, replayPartition } from './letter.ts'

/** `at` in ms since the epoch. */
export interface WaitingDecision extends EventPlace {
  readonly reason: string
  readonly at: number
  readonly attempt: number | null
  readonly why: string | null
}

const decisive: ReadonlySet<string> = new Set([operatorPartition, replayPartition])

/** `table` is null where there is no lake yet. */
export async function waitingDecisions(
  machine: Machine,
  { journal }: Pick<Config, 'journal'>,
  table: DeltaTable | null,
): Promise<WaitingDecision[]> {
  const readers = await openPartitions(machine, journal.dir, decisive)
  const found: WaitingDecision[] = []
  try {
    for (const reader of readers) {
      const { first, end } = await reader.bounds()
      const from = Math.max(first, table?.txn(appId(reader)) ?? 0)
      for await (const record of recordsOf(reader, { from, end })) {
        if (!('kind' in record) || record.kind !== 'entry') continue
        const { entry } = record
        if (entry.kind !== 'note') continue
        if (entry.reason !== REPLAYED && entry.reason !== DISCARDED) continue
        found.push(decisionOf(entry))
      }
    }
    return found
  } finally {
    for (const reader of readers) await reader.close()
  }
}

function decisionOf({
  reason,
  receivedAt,
  detail,
}: {
  readonly reason: string
  readonly receivedAt: number
  readonly detail: string
}): WaitingDecision {
  const { journal_id, partition, position, attempt = null, why = null } = JSON.parse(detail)
  return { journalId: journal_id, partition, position, reason, at: receivedAt, attempt, why }
}
