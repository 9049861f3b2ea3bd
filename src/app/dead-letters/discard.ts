/** An operator decides that dead letters stay what they are: noted, and nothing is removed. */
import { operatorPartition } from '../../journal/command-partitions.ts'
import { findOpen, type LetterFilter } from '../../loader/dead-letters/find-letters.ts'
import { discardedNote } from '../../loader/dead-letters/letter.ts'
import type { Config } from '../config/schema.ts'
import type { Machine } from '../machine.ts'
import { withPartition } from '../operator-journal.ts'
import { withLetterBooks } from './books.ts'

/** Letters that one call takes, and notes that are made durable together. */
const MOST_LETTERS = 100_000
const NOTES_AT_ONCE = 1000

export interface DiscardRequest {
  /** Of those that are open. */
  readonly filter: LetterFilter
  /** Kept and shown as it is: no personal data. */
  readonly why: string
  readonly dryRun: boolean
  readonly signal: AbortSignal
  readonly onProgress: (done: number, of: number) => void
  readonly report: (text: string) => void
}

export interface DiscardReport {
  readonly dryRun: boolean
  readonly discarded: number
  /** Letters that were named and are not open, or not there. */
  readonly notOpen: readonly string[]
}

/** Rejects with INL_APP_PARTITION_BUSY where another command writes decisions. */
export function discardDeadLetters(
  machine: Machine,
  config: Config,
  request: DiscardRequest,
): Promise<DiscardReport> {
  const { filter, why, dryRun, signal, onProgress, report } = request
  const at = { config, partition: operatorPartition, report }
  return withPartition(machine, at, (journal) =>
    withLetterBooks(machine, config, async (books) => {
      const { letters, missing: notOpen } = await findOpen(books, filter, MOST_LETTERS)
      for (let from = 0; from < letters.length && !dryRun; from += NOTES_AT_ONCE) {
        if (signal.aborted) throw signal.reason
        const some = letters.slice(from, from + NOTES_AT_ONCE)
        const now = machine.clock.now()
        await journal.append(some.map((letter) => discardedNote(letter, why, now)))
        onProgress(from + some.length, letters.length)
      }
      return { dryRun, discarded: letters.length, notOpen }
    }),
  )
}
