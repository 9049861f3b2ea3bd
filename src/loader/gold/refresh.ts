/**
 * How a table of gold is kept: what it follows, and which of its rows a change of that touches.
 *
 * A refresh leaves the rows as they should be in the work table `fresh`, and says which rows of the
 * table they take the place of. Both follow from keys (conversations, half hours, agents' days,
 * hours), so that refreshing twice, or more than is needed, changes nothing.
 */
import type { TxnStep } from '../../lake/delta/commit.ts'
import type { Table } from '../../tables/table.ts'
import type { GoldOptions } from './queue-intervals.ts'
import type { Sources } from './sources.ts'

export interface GoldTable {
  readonly table: Table
  /** The tables whose rows it is made of. It goes no further than all of them have come. */
  readonly follows: readonly Table[]
  /** What of the options its rows rest on: where it differs, the table is made anew. */
  readonly restsOn: (options: GoldOptions) => string
  /** The order of its rows within a file; names a row. */
  readonly key: readonly string[]
  /** Null where nothing that is new touches the table. */
  readonly refresh: (sources: Sources, options: GoldOptions) => Promise<Replacement | null>
}

export interface Replacement {
  /** A condition on the rows of the table: those that `fresh` takes the place of. */
  readonly replaced: string
  /** Days of the table, UTC, that may hold such rows. */
  readonly days: readonly string[]
  /** What the log of the table then says of its rows, beside how far they reach. */
  readonly marks?: readonly TxnStep[]
}
