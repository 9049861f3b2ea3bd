/**
 * A mapping as data: which events go to which table of silver, and which place of their body fills
 * which column.
 *
 * Places are paths from the mapping's root: members joined by dots, `[]` for each element of a
 * list, `*` for each member of an object: `routingStatus.status`, `data[].metrics[].stats.*`.
 */
import { type Dialect, dialects } from '../../event/envelope.ts'
import type { Table } from '../../tables/table.ts'
import type { Conversion } from './conversion.ts'

export interface Mapping {
  readonly table: Table
  readonly eventTypes: readonly string[]
  /** The object that paths begin in, for each dialect; empty for the body itself. */
  readonly roots: Readonly<Partial<Record<Dialect, string>>>
  /**
   * Each element of the innermost of these is a row: `['data[]', 'data[].metrics[]']`. One without
   * elements gives one row. Left out: an event is a row.
   */
  readonly lists?: readonly string[]
  readonly fields: readonly Field[]
  /**
   * SQL for what several of the below read, by names of its own, each worked out once. `convert` is
   * SQL for a value that has no field, null where it does not fit: to be told by a check.
   */
  readonly derived?: (convert: Convert) => Readonly<Record<string, string>>
  /**
   * SQL for columns that are not one field as it stands. It may use the columns of the batch, what
   * is derived, `typed_<column>` for what the fields of the mapping became, `index_<n>` for the
   * place in the list of that depth, from 1, and `key` for the name of a member that `*` stands
   * for.
   */
  readonly computed?: Readonly<Record<string, string>>
  /** What `computed` could not convert. */
  readonly checks?: readonly Check[]
}

/** Where notifications of the platform have what happened, by route. */
export const topicRoots = { eventbridge: 'detail.eventBody', notification: 'eventBody' } as const

export interface Field {
  /** Of the table, or a name of its own that `computed` reads. */
  readonly column: string
  /** The first that has a value counts. */
  readonly paths: readonly string[]
  readonly as: Conversion
}

/** A mapping, as the events of one dialect are read. */
export interface Route {
  readonly mapping: Mapping
  readonly dialect: Dialect
  /** Where its paths begin. */
  readonly root: string
}

export function routesOf(mapping: Mapping): readonly Route[] {
  return dialects.flatMap((dialect) => {
    const root = mapping.roots[dialect]
    return root === undefined ? [] : [{ mapping, dialect, root }]
  })
}

/** `field('queue_id', text, 'queueId')`. */
export function field(column: string, as: Conversion, ...paths: readonly string[]): Field {
  return { column, paths, as }
}

/** `raw` is SQL for a text. */
export type Convert = (as: Conversion, raw: string) => string

export interface Check {
  readonly path: string
  readonly rule: string
  /** SQL, true where it does not hold; not null. */
  readonly broken: string
  /** SQL for the JSON type that is there, in that case. */
  readonly typeSeen: string
}
