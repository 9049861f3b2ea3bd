/**
 * A mapping as data: which events go to which table of silver, and which place of their body fills
 * which column.
 */
import type { Dialect } from '../../event/envelope.ts'
import type { Table } from '../../tables/table.ts'
import type { Conversion } from './conversion.ts'

export interface Mapping {
  readonly table: Table
  readonly eventTypes: readonly string[]
  /** The object that the paths begin in, for each dialect; empty for the body itself. */
  readonly roots: Readonly<Partial<Record<Dialect, string>>>
  readonly fields: readonly Field[]
  /** SQL for columns that no single field fills, on columns of the batch and `field_<column>`. */
  readonly computed?: Readonly<Record<string, string>>
}

export interface Field {
  readonly column: string
  /** Members of objects, joined by dots: `routingStatus.status`. The first that is there counts. */
  readonly paths: readonly string[]
  readonly as: Conversion
}

/** `field('queue_id', text, 'queueId')`. */
export function field(column: string, as: Conversion, ...paths: readonly string[]): Field {
  return { column, paths, as }
}
