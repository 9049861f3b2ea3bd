/**
 * How arrivals travel into DuckDB: the columns to feed for a group of rows and the SELECT that
 * makes the table's columns of them. Pure.
 *
 * A column without any value is not fed. A text column with few different values is fed as an ENUM,
 * for which DuckDB writes the dictionary of the Parquet file straight away; sources, senders,
 * headers and event types are such columns.
 */
import { isUtf8 } from 'node:buffer'
import type { DuckDBType } from '@duckdb/node-api'
import { BLOB, DOUBLE, DuckDBBlobValue, ENUM, VARCHAR } from '@duckdb/node-api'
import type { Arrival } from '../../tables/arrivals.ts'
import type { ColumnType } from '../../tables/table.ts'
import { identifier } from './quote.ts'
import type { FeedColumn, FeedRows } from './row-feed.ts'
import { rowsPerGroup } from './row-groups.ts'

/** A column of `bronze.arrivals`, save those it is partitioned by. */
export interface ArrivalColumn {
  readonly name: string
  readonly type: ColumnType
  /** Texts as they are, times as milliseconds since the epoch; null for bytes. */
  readonly field: ((row: Arrival) => string | number | null) | null
  /** Null where no row has a value. */
  feed(rows: readonly Arrival[]): FeedColumn | null
  /** SQL that makes the column of what is fed under `quoted`. */
  expression(quoted: string): string
}

export interface ArrivalPlan extends FeedRows {
  /** A SELECT, without its FROM, that gives every column of `arrivalColumns`. */
  readonly select: string
}

/** Above this many different texts a dictionary costs more than it saves. */
const maxMembers = 256

/** In the order of the table. */
export const arrivalColumns: readonly ArrivalColumn[] = [
  text('event_id', (row) => row.eventId),
  text('org_id', (row) => row.orgId),
  text('source', (row) => row.source),
  text('dialect', (row) => row.dialect),
  text('topic', (row) => row.topic),
  text('event_type', (row) => row.eventType),
  time('event_time', (row) => row.eventTime),
  text('event_time_source', (row) => row.eventTimeSource),
  time('received_at', (row) => row.receivedAt),
  text('conversation_id', (row) => row.conversationId),
  text('sender', (row) => row.sender),
  text('headers', (row) => row.headers),
  bytes('body', 'VARCHAR', {
    field: ({ body }) => (body !== null && isUtf8(body) ? body : null),
    expression: (quoted) => `decode(${quoted})`,
  }),
  bytes('body_bytes', 'BLOB', {
    field: ({ body }) => (body === null || isUtf8(body) ? null : body),
    expression: (quoted) => quoted,
  }),
  bytes('body_sha256', 'VARCHAR', {
    field: (row) => row.bodySha256,
    expression: (quoted) => `lower(hex(${quoted}))`,
  }),
  text('reason', (row) => row.reason),
  text('detail', (row) => row.detail),
  whole('first_position', (row) => row.firstPosition),
  text('journal_id', (row) => row.journalId),
  text('journal_partition', (row) => row.journalPartition),
  whole('position', (row) => row.position),
]

export function planArrivals(rows: readonly Arrival[]): ArrivalPlan {
  const columns: FeedColumn[] = []
  const selected = arrivalColumns.map((column) => {
    const quoted = identifier(column.name)
    const fed = column.feed(rows)
    if (fed) columns.push(fed)
    return `${fed ? column.expression(quoted) : `NULL::${column.type}`} AS ${quoted}`
  })
  return {
    columns,
    count: rows.length,
    rowsPerGroup: rowsPerGroup(rows.map(({ body }) => body?.length ?? 0)),
    select: `SELECT ${selected.join(', ')}`,
  }
}

function text(name: string, field: (row: Arrival) => string | null): ArrivalColumn {
  return {
    name,
    type: 'VARCHAR',
    field,
    expression: (quoted) => quoted,
    feed(rows) {
      const values = rows.map(field)
      const type = textType(values)
      return type && { name, type, value: (index) => values[index] ?? null }
    },
  }
}

/** ENUM where it can hold every value exactly, VARCHAR otherwise, null where there is none. */
function textType(values: readonly (string | null)[]): DuckDBType | null {
  const members = new Set<string>()
  let last: string | null = null
  for (const value of values) {
    if (value === null || value === last) continue
    last = value
    members.add(value)
    if (members.size > maxMembers) return VARCHAR
  }
  if (members.size === 0) return null
  const exact = [...members].every((one) => one.isWellFormed() && !one.includes('\0'))
  return exact ? ENUM([...members]) : VARCHAR
}

function time(name: string, field: (row: Arrival) => number | null): ArrivalColumn {
  return {
    ...number(name, field),
    type: 'TIMESTAMPTZ',
    expression: (quoted) => `make_timestamptz(${quoted}::BIGINT * 1000)`,
  }
}

function whole(name: string, field: (row: Arrival) => number | null): ArrivalColumn {
  return { ...number(name, field), type: 'BIGINT', expression: (quoted) => `${quoted}::BIGINT` }
}

function number(name: string, field: (row: Arrival) => number | null) {
  return {
    name,
    field,
    feed(rows: readonly Arrival[]): FeedColumn | null {
      const values = rows.map(field)
      if (values.every((value) => value === null)) return null
      return { name, type: DOUBLE, value: (index) => values[index] ?? null }
    },
  }
}

function bytes(
  name: string,
  type: ColumnType,
  how: { field: (row: Arrival) => Uint8Array | null; expression: (quoted: string) => string },
): ArrivalColumn {
  return {
    name,
    type,
    field: null,
    expression: how.expression,
    feed(rows) {
      const values = rows.map(how.field)
      if (values.every((value) => value === null)) return null
      const value = (index: number) => {
        const found = values[index]
        return found ? new DuckDBBlobValue(found) : null
      }
      return { name, type: BLOB, value }
    },
  }
}
