/** The columns of `bronze.arrivals` as its files hold them, save those it is partitioned by. */
import { isUtf8 } from 'node:buffer'
import { emptySlice, type Slice } from '../../core/slice.ts'
import { type Arrival, arrivals } from '../../tables/arrivals.ts'
import type { ChunkEncoder, ColumnChunk } from './chunk-encoder.ts'
import type { StoredColumn } from './format.ts'

export interface ArrivalColumn extends StoredColumn {
  /** Whether a file tells its bounds. */
  readonly measured: boolean
  encode(encoder: ChunkEncoder, group: RowGroup): ColumnChunk
}

export interface RowGroup {
  readonly rows: readonly Arrival[]
  /** Those whose body is no UTF-8. */
  readonly binary: ReadonlySet<Arrival>
}

export function rowGroup(rows: readonly Arrival[]): RowGroup {
  return { rows, binary: new Set(rows.filter(isBinary)) }
}

function isBinary({ body }: Arrival): boolean {
  return body !== null && !isUtf8(body)
}

export function bodySize(row: Arrival): number {
  const body = bodyOf(row)
  return body === null ? 0 : body.to - body.from
}

/** The farthest from the epoch that a Date can be, in milliseconds. */
const FARTHEST = 8.64e15

const bodyOf = bytesOf('body')
const sha256Of = bytesOf('bodySha256')
const nothing = () => null

/** In the order of the table. */
export const arrivalColumns: readonly ArrivalColumn[] = [
  text('event_id', textOf('eventId')),
  text('org_id', (row) => row.orgId),
  text('source', (row) => row.source),
  text('dialect', (row) => row.dialect),
  text('topic', textOf('topic')),
  text('event_type', (row) => row.eventType),
  time('event_time', (row) => row.eventTime),
  text('event_time_source', (row) => row.eventTimeSource),
  time('received_at', (row) => row.receivedAt),
  text('conversation_id', textOf('conversationId')),
  text('sender', (row) => row.sender),
  text('headers', (row) => row.headers),
  column('body', 'VARCHAR', (encoder, { rows, binary }) => {
    const field = (row: Arrival) => (binary.has(row) ? null : bodyOf(row))
    return encoder.bytes({ rows, field: binary.size === 0 ? bodyOf : field })
  }),
  column('body_bytes', 'BLOB', (encoder, { rows, binary }) => {
    const field = (row: Arrival) => (binary.has(row) ? bodyOf(row) : null)
    return encoder.bytes({ rows, field: binary.size === 0 ? nothing : field })
  }),
  column('body_sha256', 'VARCHAR', (encoder, { rows }) => {
    return encoder.hex({ rows, field: sha256Of })
  }),
  text('reason', (row) => row.reason),
  text('detail', (row) => row.detail),
  whole('first_position', (row) => row.firstPosition),
  text('journal_id', (row) => row.journalId),
  text('journal_partition', (row) => row.journalPartition),
  whole('position', (row) => row.position),
]

/** Where the text stands, until the next is asked for, or itself. */
function textOf(field: 'eventId' | 'topic' | 'conversationId') {
  const slice = emptySlice()
  return (row: Arrival): string | Slice | null => {
    if (row.stored === undefined) return row[field]
    return row.stored.find(field, slice) ? slice : null
  }
}

/** Where the bytes stand, until the next are asked for. */
function bytesOf(field: 'body' | 'bodySha256') {
  const slice = emptySlice()
  return (row: Arrival): Slice | null => {
    if (row.stored !== undefined) return row.stored.find(field, slice) ? slice : null
    const bytes = row[field]
    if (bytes === null) return null
    slice.bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
    slice.from = 0
    slice.to = bytes.length
    return slice
  }
}

function column(
  name: string,
  type: ArrivalColumn['type'],
  encode: ArrivalColumn['encode'],
): ArrivalColumn {
  return { name, type, measured: isMeasured(name), encode }
}

function isMeasured(name: string): boolean {
  return arrivals.columns.some((column) => column.name === name && column.statistics)
}

function text(name: string, field: (row: Arrival) => string | Slice | null): ArrivalColumn {
  const measured = isMeasured(name)
  return column(name, 'VARCHAR', (encoder, { rows }) => encoder.texts({ rows, field }, measured))
}

function time(name: string, field: (row: Arrival) => number | null): ArrivalColumn {
  const how = { type: 'TIMESTAMPTZ', measured: isMeasured(name) } as const
  const checked = (row: Arrival) => {
    const value = field(row)
    if (value === null) return null
    if (Math.abs(value) <= FARTHEST) return Math.round(value)
    throw new RangeError(`${name} ${value} is no time`)
  }
  return column(name, 'TIMESTAMPTZ', (encoder, { rows }) =>
    encoder.numbers({ rows, field: checked }, how),
  )
}

function whole(name: string, field: (row: Arrival) => number | null): ArrivalColumn {
  const how = { type: 'BIGINT', measured: isMeasured(name) } as const
  return column(name, 'BIGINT', (encoder, { rows }) => encoder.numbers({ rows, field }, how))
}
