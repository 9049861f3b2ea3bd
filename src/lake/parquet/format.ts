/**
 * The parts of a Parquet file that say what the others are: page headers and the footer. Pure.
 *
 *   file := "PAR1" row-group* footer length-of-footer (4 bytes) "PAR1"
 *   row group := a column chunk for each column
 *   column chunk := dictionary page? data page*, each behind its header
 *   data page (version 1) := length of levels (4 bytes), levels, values; compressed as one
 *
 * Every column may hold null: a level of 1 stands for a value, 0 for none. Numbers are
 * little-endian. Source: parquet.thrift, Encodings.md and LogicalTypes.md of Apache Parquet.
 */
import type { ColumnType } from '../../tables/table.ts'
import type { Bounds } from './bounds.ts'
import { binary, i32, i64, list, struct, type ThriftValue, text, yes } from './thrift.ts'

export const MAGIC = Buffer.from('PAR1')
export const encodings = { plain: 0, rle: 3, dictionary: 8 } as const
export type Encoding = keyof typeof encodings
const ZSTD = 6
const OPTIONAL = 1
/** Readers look at this before they trust statistics; they want a version in it. */
const CREATED_BY = 'inlet version 1'

export type StoredType = Extract<ColumnType, 'VARCHAR' | 'BLOB' | 'BIGINT' | 'TIMESTAMPTZ'>

const INT64 = 2
const BYTE_ARRAY = 6
const emptyStruct = struct({})

const storedTypes: Readonly<Record<StoredType, StoredAs>> = {
  VARCHAR: {
    physical: BYTE_ARRAY,
    converted: i32(0),
    logical: struct({ 1: emptyStruct }),
    factor: 1,
  },
  BLOB: { physical: BYTE_ARRAY, converted: null, logical: null, factor: 1 },
  BIGINT: { physical: INT64, converted: i32(18), logical: null, factor: 1 },
  TIMESTAMPTZ: {
    physical: INT64,
    converted: i32(10),
    logical: struct({ 8: struct({ 1: yes, 2: struct({ 2: emptyStruct }) }) }),
    factor: 1000,
  },
}

interface StoredAs {
  readonly physical: number
  /** The older and the newer name for what the bytes mean. */
  readonly converted: ThriftValue | null
  readonly logical: ThriftValue | null
  /** A number is stored as many times as large: times are microseconds of milliseconds. */
  readonly factor: number
}

export function factorOf(type: StoredType): number {
  return storedTypes[type].factor
}

export interface PageSizes {
  readonly uncompressed: number
  readonly compressed: number
}

/** `rows` counts nulls as well. */
export function dataPageHeader(
  sizes: PageSizes,
  page: { rows: number; encoding: Encoding },
): Buffer {
  const { [page.encoding]: encoding, rle } = encodings
  const header = { 1: i32(page.rows), 2: i32(encoding), 3: i32(rle), 4: i32(rle) }
  return pageHeader(0, sizes, { 5: struct(header) })
}

export function dictionaryPageHeader(sizes: PageSizes, members: number): Buffer {
  return pageHeader(2, sizes, { 7: struct({ 1: i32(members), 2: i32(encodings.plain) }) })
}

function pageHeader(type: number, sizes: PageSizes, own: Record<number, ThriftValue>): Buffer {
  const { uncompressed, compressed } = sizes
  const { bytes } = struct({ 1: i32(type), 2: i32(uncompressed), 3: i32(compressed), ...own })
  return Buffer.from(bytes)
}

/** A column of a row group as the footer tells of it. */
export interface ChunkFacts {
  readonly rows: number
  readonly nulls: number
  readonly encodings: readonly Encoding[]
  /** Of the dictionary page with its header, which comes first; 0 for none. */
  readonly dictionaryBytes: number
  /** Of all pages, headers included. */
  readonly sizes: PageSizes
  /** Null where every value is null, or where nobody asked. */
  readonly bounds: Bounds | null
}

export interface StoredColumn {
  readonly name: string
  readonly type: StoredType
}

export interface PlacedChunk extends ChunkFacts {
  readonly column: StoredColumn
  /** Where it begins in the file. */
  readonly at: number
}

/** The end of the file. `groups`: the chunks of each row group, of which there is at least one. */
export function footer(groups: readonly (readonly PlacedChunk[])[]): Buffer {
  const columns = (groups[0] ?? []).map(({ column }) => column)
  const root = struct({ 4: text('schema'), 5: i32(columns.length) })
  const order = struct({ 1: emptyStruct })
  const { bytes } = struct({
    1: i32(1),
    2: list([root, ...columns.map(schemaElement)]),
    3: i64(sum(groups.map(([first]) => first?.rows ?? 0))),
    4: list(groups.map(rowGroup)),
    6: text(CREATED_BY),
    7: list(columns.map(() => order)),
  })
  const length = Buffer.alloc(4)
  length.writeUInt32LE(bytes.length)
  return Buffer.concat([bytes, length, MAGIC])
}

function schemaElement({ name, type }: StoredColumn): ThriftValue {
  const { physical, converted, logical } = storedTypes[type]
  return struct({ 1: i32(physical), 3: i32(OPTIONAL), 4: text(name), 6: converted, 10: logical })
}

function rowGroup(chunks: readonly PlacedChunk[]): ThriftValue {
  return struct({
    1: list(chunks.map(columnChunk)),
    2: i64(sum(chunks.map(({ sizes }) => sizes.uncompressed))),
    3: i64(chunks[0]?.rows ?? 0),
    5: i64(chunks[0]?.at ?? 0),
    6: i64(sum(chunks.map(({ sizes }) => sizes.compressed))),
  })
}

function columnChunk({ column, at, ...chunk }: PlacedChunk): ThriftValue {
  const { rows, nulls, sizes, dictionaryBytes, bounds } = chunk
  const told = bounds?.exact ? bounds : null
  const metadata = struct({
    1: i32(storedTypes[column.type].physical),
    2: list(chunk.encodings.map((name) => i32(encodings[name]))),
    3: list([text(column.name)]),
    4: i32(ZSTD),
    5: i64(rows),
    6: i64(sizes.uncompressed),
    7: i64(sizes.compressed),
    9: i64(at + dictionaryBytes),
    11: dictionaryBytes === 0 ? null : i64(at),
    12: struct({
      3: i64(nulls),
      5: told && binary(storedBound(column, told.max)),
      6: told && binary(storedBound(column, told.min)),
    }),
  })
  return struct({ 2: i64(at), 3: metadata })
}

function storedBound({ type }: StoredColumn, bound: string | number): Buffer {
  if (typeof bound === 'string') return Buffer.from(bound)
  const bytes = Buffer.alloc(8)
  bytes.writeBigInt64LE(BigInt(bound) * BigInt(storedTypes[type].factor))
  return bytes
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0)
}
