/** The columns of `bronze.arrivals` as its files hold them, save those it is partitioned by. */
import { isUtf8 } from 'node:buffer'
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
  const binary = new Set(rows.filter(({ body }) => body !== null && !isUtf8(body)))
  return { rows, binary }
}

/** The farthest from the epoch that a Date can be, in milliseconds. */
const FARTHEST = 8.64e15

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
  column('body', 'VARCHAR', (encoder, { rows, binary }) => {
    const isText = (row: Arrival) => binary.size === 0 || !binary.has(row)
    return encoder.bytes({ rows, field: (row) => (isText(row) ? row.body : null) })
  }),
  column('body_bytes', 'BLOB', (encoder, { rows, binary }) => {
    const isBinary = (row: Arrival) => binary.size > 0 && binary.has(row)
    return encoder.bytes({ rows, field: (row) => (isBinary(row) ? row.body : null) })
  }),
  column('body_sha256', 'VARCHAR', (encoder, { rows }) => {
    return encoder.hex({ rows, field: (row) => row.bodySha256 })
  }),
  text('reason', (row) => row.reason),
  text('detail', (row) => row.detail),
  whole('first_position', (row) => row.firstPosition),
  text('journal_id', (row) => row.journalId),
  text('journal_partition', (row) => row.journalPartition),
  whole('position', (row) => row.position),
]

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

function text(name: string, field: (row: Arrival) => string | null): ArrivalColumn {
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
