/**
 * What a query gives back: plain values that a program can hold and ./format-result.ts can print.
 */
import type { DuckDBResultReader, DuckDBValue } from '@duckdb/node-api'
import {
  DuckDBArrayValue,
  DuckDBBlobValue,
  DuckDBListValue,
  DuckDBMapValue,
  DuckDBStructValue,
  DuckDBTimestampTZValue,
  DuckDBTimestampValue,
} from '@duckdb/node-api'

export interface QueryResult {
  readonly columns: readonly { readonly name: string; readonly type: string }[]
  readonly rows: readonly (readonly PlainValue[])[]
}

/**
 * Integers of 64 bits and more are bigint, BLOB is a Buffer, times are ISO 8601 texts (TIMESTAMPTZ
 * in UTC, to the microsecond where it has any), a MAP is a list of pairs, anything else DuckDB's
 * text.
 */
export type PlainValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Buffer
  | readonly PlainValue[]
  | { readonly [name: string]: PlainValue }

export function readResult(reader: DuckDBResultReader): QueryResult {
  const types = reader.columnTypes()
  const columns = reader
    .columnNames()
    .map((name, index) => ({ name, type: String(types[index] ?? 'UNKNOWN') }))
  return { columns, rows: reader.getRows().map((row) => row.map(plainValue)) }
}

export function plainValue(value: DuckDBValue): PlainValue {
  if (value === null || typeof value !== 'object') return value
  if (value instanceof DuckDBBlobValue) return Buffer.from(value.bytes)
  if (value instanceof DuckDBTimestampTZValue) return isoTime(value.micros, 'Z', String(value))
  if (value instanceof DuckDBTimestampValue) return isoTime(value.micros, '', String(value))
  if (value instanceof DuckDBListValue || value instanceof DuckDBArrayValue)
    return value.items.map(plainValue)
  if (value instanceof DuckDBStructValue) {
    const entries = Object.entries(value.entries)
    return Object.fromEntries(entries.map(([name, one]) => [name, plainValue(one)]))
  }
  if (value instanceof DuckDBMapValue)
    return value.entries.map(({ key, value: one }) => [plainValue(key), plainValue(one)])
  return String(value)
}

/** `fallback` for infinity and for what a Date cannot hold. */
function isoTime(micros: bigint, zone: string, fallback: string): string {
  const fraction = ((micros % 1000n) + 1000n) % 1000n
  const time = new Date(Number((micros - fraction) / 1000n))
  if (Number.isNaN(time.getTime())) return fallback
  const rest = fraction === 0n ? '' : String(fraction).padStart(3, '0')
  return `${time.toISOString().slice(0, -1)}${rest}${zone}`
}
