/** What rounds ask of whoever turns events into rows. */
import type { SqlEngine } from '../../lake/sql/duckdb.ts'
import type { Table } from '../../tables/table.ts'
import type { SilverStatements } from './statements.ts'

/**
 * Events of bronze as a table of the engine, each once: `event_id, org_id, source, dialect, topic,
 * event_type, event_time, event_time_source, received_at, conversation_id, body, journal_id,
 * journal_partition, position`.
 *
 * `event_time` is never null: where the event has none, or none that can be, it is `received_at`.
 * `body` is never null, and DuckDB's JSON functions read it without raising.
 */
export interface EventSlice {
  readonly engine: SqlEngine
  /** Its name, quoted, to stand in a FROM. */
  readonly relation: string
}

/** Rows of silver are functions of the events alone (I7), whatever slice they come in. */
export interface SilverRows {
  /** Those that there are statements for; each keeps its own progress. */
  readonly tables: readonly Table[]
  /** May ask the engine about the events. */
  statements(slice: EventSlice): Promise<SilverStatements>
}
