/**
 * A writer that waits while the journal has no room, for whoever has nobody to tell to come again.
 *
 * Guarantee: an append that was refused for want of room, which wrote nothing, is tried again until
 * there is some or `signal` aborts. Any other failure is passed on.
 */
import type { Clock } from '../core/clock.ts'
import { errorText, hasCode } from '../core/errors.ts'
import type { JournalWriter } from './journal.ts'

const EVERY_MS = 500
/** What waits for the disk has gone within a group or two. */
const BUSY_MS = 5

export interface Patience {
  readonly clock: Clock
  readonly signal: AbortSignal
  /** Told each time that there is no room, with the reason. */
  readonly onFull: (reason: string) => void
}

export function patientWriter(writer: JournalWriter, patience: Patience): JournalWriter {
  const { clock, signal, onFull } = patience
  return {
    journalId: writer.journalId,
    partition: writer.partition,
    get durableEnd() {
      return writer.durableEnd
    },
    async append(entries) {
      for (;;) {
        try {
          return await writer.append(entries)
        } catch (error) {
          const isFull = hasCode(error, 'INL_JRN_FULL')
          if (!isFull && !hasCode(error, 'INL_JRN_BUSY')) throw error
          if (isFull) onFull(errorText(error))
          await clock.sleep(isFull ? EVERY_MS : BUSY_MS, signal)
        }
      }
    },
    close: () => writer.close(),
  }
}
