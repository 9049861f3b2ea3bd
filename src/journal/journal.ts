/**
 * The journal port: the durable queue between the door and the lake.
 *
 * A journal partition is owned by one writing process and has a UUID, its journal id. Each entry
 * takes the next position: a whole number, from 0, that only increases. Readers may be other
 * processes.
 */
import type { Entry, JournalRecord } from './entry.ts'
import type { ReadMemory } from './read-memory.ts'

export interface JournalWriter {
  readonly journalId: string
  readonly partition: string
  /**
   * The position behind the last entry that is durable. Whoever waits for an entry below it was
   * told before anything else runs.
   */
  readonly durableEnd: number
  /**
   * Called by ingress for each request. Resolves to the position of the first entry once all of
   * them are durable; entries of one call have neighbouring positions. Calls that wait at the same
   * time are made durable together. Rejects with INL_JRN_FULL or INL_JRN_WRITE (both `retry`): the
   * entries may or may not be found later, and the sender must be told to try again.
   * Once it has resolved, the bytes of the entries are the caller's to write into.
   */
  append(entries: readonly Entry[]): Promise<number>
  /** Waits for what was appended, then frees the partition. */
  close(): Promise<void>
}

export interface JournalReader {
  readonly journalId: string
  readonly partition: string
  /**
   * Called by the loader with the position that it has committed. Resolves to the durable records
   * from there on, in order and without holes, as many as the limits allow and at least one if
   * there is one. Damaged records are among them. Ends before positions that are gone; rejects with
   * INL_JRN_GAP, which names them, when `from` is one of them, and with INL_JRN_AHEAD when it lies
   * beyond the end of the journal.
   */
  read(from: number, limits: ReadLimits): Promise<JournalRecord[]>
  /** The first position still held, and the first one that is not yet durable. */
  bounds(): Promise<JournalBounds>
  /** Lets go of what lies below `position`; keeps more where that is cheaper. */
  trim(position: number): Promise<void>
  /**
   * Called at start and when nothing comes: where the writer is gone, finds what it made durable
   * without telling. Does nothing while there is a writer.
   */
  settle(): Promise<void>
  close(): Promise<void>
}

export interface ReadLimits {
  readonly records: number
  readonly bytes: number
  /** Where records may stand: they last until it begins another reading. */
  readonly memory?: ReadMemory | undefined
}

export interface JournalBounds {
  readonly first: number
  readonly end: number
  /** Bytes on disk. */
  readonly bytes: number
}
