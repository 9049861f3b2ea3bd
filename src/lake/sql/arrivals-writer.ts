/** Writes batches of arrivals to Parquet: one file for each outcome and date present. */
import { isUtf8 } from 'node:buffer'
import { join } from 'node:path'
import type { DuckDBConnection, DuckDBValue } from '@duckdb/node-api'
import {
  BIGINT,
  BLOB,
  blobValue,
  DuckDBDataChunk,
  DuckDBTimestampTZValue,
  TIMESTAMPTZ,
  VARCHAR,
} from '@duckdb/node-api'
import type { Files } from '../../core/files.ts'
import type { Random } from '../../core/random.ts'
import type { Arrival } from '../../tables/arrivals.ts'
import type { WrittenFile } from '../delta/delta-table.ts'
import type { ColumnBounds } from '../delta/statistics.ts'
import { compareByCodePoint, statsText } from '../delta/statistics.ts'
import type { SqlEngine } from './duckdb.ts'
import { literal } from './quote.ts'

export interface ArrivalsWriter {
  /** The files of these rows, on the local disk, ready to publish. Not durable yet. */
  write(rows: readonly Arrival[]): Promise<WrittenFile[]>
  close(): void
}

const time = (ms: number | null) =>
  ms === null ? null : new DuckDBTimestampTZValue(BigInt(ms) * 1000n)
const hex = (bytes: Uint8Array | null) => bytes && Buffer.from(bytes).toString('hex')
const big = (value: number | null) => (value === null ? null : BigInt(value))
const text = (body: Uint8Array | null) =>
  body && isUtf8(body) ? Buffer.from(body).toString() : null
const bytes = (body: Uint8Array | null) => (body && !isUtf8(body) ? blobValue(body) : null)

const columns: [
  string,
  typeof VARCHAR | typeof BIGINT | typeof TIMESTAMPTZ | typeof BLOB,
  (row: Arrival) => DuckDBValue,
][] = [
  ['event_id', VARCHAR, (row) => row.eventId],
  ['org_id', VARCHAR, (row) => row.orgId],
  ['source', VARCHAR, (row) => row.source],
  ['dialect', VARCHAR, (row) => row.dialect],
  ['topic', VARCHAR, (row) => row.topic],
  ['event_type', VARCHAR, (row) => row.eventType],
  ['event_time', TIMESTAMPTZ, (row) => time(row.eventTime)],
  ['event_time_source', VARCHAR, (row) => row.eventTimeSource],
  ['received_at', TIMESTAMPTZ, (row) => time(row.receivedAt)],
  ['conversation_id', VARCHAR, (row) => row.conversationId],
  ['sender', VARCHAR, (row) => row.sender],
  ['headers', VARCHAR, (row) => row.headers],
  ['body', VARCHAR, (row) => text(row.body)],
  ['body_bytes', BLOB, (row) => bytes(row.body)],
  ['body_sha256', VARCHAR, (row) => hex(row.bodySha256)],
  ['reason', VARCHAR, (row) => row.reason],
  ['detail', VARCHAR, (row) => row.detail],
  ['first_position', BIGINT, (row) => big(row.firstPosition)],
  ['journal_id', VARCHAR, (row) => row.journalId],
  ['journal_partition', VARCHAR, (row) => row.journalPartition],
  ['position', BIGINT, (row) => big(row.position)],
]

export async function openArrivalsWriter(
  deps: { engine: SqlEngine; files: Files; random: Random },
  options: { folder: string },
): Promise<ArrivalsWriter> {
  await deps.files.makeFolder(options.folder)
  const connection = await deps.engine.connect()
  const table = columns.map(([name, type]) => `"${name}" ${type}`).join(', ')
  await connection.run(`CREATE TEMP TABLE batch (${table})`)
  return {
    async write(rows) {
      const written: WrittenFile[] = []
      for (const group of Map.groupBy(rows, partition).values()) {
        const localPath = join(options.folder, `${deps.random.uuid()}.parquet`)
        await fill(connection, group)
        await connection.run(
          `COPY batch TO ${literal(localPath)} (FORMAT parquet, COMPRESSION zstd)`,
        )
        await connection.run('TRUNCATE batch')
        const size = (await deps.files.stat(localPath))?.size ?? 0
        const [first] = group
        if (!first) continue
        written.push({
          localPath,
          partitionValues: { outcome: first.outcome, date: date(first) },
          rows: group.length,
          size,
          stats: statsText(group.length, bounds(group)),
        })
      }
      return written
    },
    close: () => connection.closeSync(),
  }
}

const date = (row: Arrival) => new Date(row.receivedAt).toISOString().slice(0, 10)
const partition = (row: Arrival) => `${row.outcome}/${date(row)}`

async function fill(connection: DuckDBConnection, rows: readonly Arrival[]) {
  const appender = await connection.createAppender('batch')
  const types = columns.map(([, type]) => type)
  for (let from = 0; from < rows.length; from += 2048) {
    const part = rows.slice(from, from + 2048)
    const chunk = DuckDBDataChunk.create(types)
    chunk.setColumns(columns.map(([, , value]) => part.map(value)))
    appender.appendDataChunk(chunk)
  }
  appender.closeSync()
}

function bounds(rows: readonly Arrival[]): ColumnBounds[] {
  const of = (
    name: string,
    type: ColumnBounds['type'],
    value: (row: Arrival) => string | number | null,
  ): ColumnBounds => {
    let min: string | number | null = null
    let max: string | number | null = null
    let nulls = 0
    for (const row of rows) {
      const one = value(row)
      if (one === null) nulls++
      else {
        if (min === null || less(one, min)) min = one
        if (max === null || less(max, one)) max = one
      }
    }
    return { name, type, min, max, nulls }
  }
  return [
    of('event_id', 'VARCHAR', (row) => row.eventId),
    of('event_time', 'TIMESTAMPTZ', (row) => row.eventTime),
    of('received_at', 'TIMESTAMPTZ', (row) => row.receivedAt),
    of('conversation_id', 'VARCHAR', (row) => row.conversationId),
    of('journal_partition', 'VARCHAR', (row) => row.journalPartition),
    of('position', 'BIGINT', (row) => row.position),
  ]
}

function less(a: string | number, b: string | number): boolean {
  return typeof a === 'string' && typeof b === 'string' ? compareByCodePoint(a, b) < 0 : a < b
}
