/**
 * Where rows of silver go besides the lake: the port that every kind of sink keeps.
 *
 * A sink takes a table's rows partition by partition of the journal, in the order of their
 * positions, and keeps how far it has come with them. What resolved has arrived; what rejected is
 * delivered again. Rows are texts of JSON objects by the names of columns, personal fields masked
 * as in silver.
 */
import type { Table } from '../tables/table.ts'

/** One stream of rows: a table, and a partition of a journal. */
export interface Stream {
  readonly table: Table
  readonly journalId: string
  readonly partition: string
}

/** All rows of the stream from one position on to behind another. */
export interface Stretch extends Stream {
  readonly from: number
  readonly to: number
  readonly rows: readonly SinkRow[]
}

export interface SinkRow {
  readonly eventId: string
  /** The text of a JSON object, in one line. */
  readonly json: string
}

export interface Delivered {
  readonly arrived: number
  /** Rows that were there already: a unique constraint kept them out. */
  readonly repeated: number
  /** Rows that the sink cannot take, kept out one by one and told. */
  readonly refused: number
  /** How far the stream has come: the end of the stretch, or a place within it. */
  readonly to: number
}

export interface Sink {
  readonly name: string
  /** The position to go on from; 0 for a stream that it has never seen. */
  reached(stream: Stream): Promise<number>
  /**
   * Moves the stream from `from` to `to`, or to where it says. Rejects where nothing of it arrived
   * for sure.
   */
  deliver(stretch: Stretch, signal: AbortSignal): Promise<Delivered>
  /**
   * Sends a stretch that was refused once more and moves nothing: null where it arrived, else the
   * status of the refusal. Left out by a sink that names nothing.
   */
  offer?(stretch: Stretch, signal: AbortSignal): Promise<number | null>
  close(): Promise<void>
}
