/**
 * Thrift's compact protocol, as much of it as the metadata of a Parquet file needs: values are made
 * inside out, as bytes. Pure.
 *
 * Source: thrift-compact-protocol.md of Apache Thrift.
 */

/** A value as bytes, with the code of its type. A boolean is all in its code. */
export interface ThriftValue {
  readonly type: number
  readonly bytes: Uint8Array
}

const types = { yes: 1, i32: 5, i64: 6, binary: 8, list: 9, struct: 12 } as const

export const yes: ThriftValue = { type: types.yes, bytes: Buffer.alloc(0) }

/** None of the numbers in a footer is negative. */
export function i32(value: number): ThriftValue {
  return { type: types.i32, bytes: varint(2 * value) }
}

/** Up to 2^52. */
export function i64(value: number): ThriftValue {
  return { type: types.i64, bytes: varint(2 * value) }
}

export function binary(bytes: Uint8Array): ThriftValue {
  return { type: types.binary, bytes: Buffer.concat([varint(bytes.length), bytes]) }
}

export function text(value: string): ThriftValue {
  return binary(Buffer.from(value))
}

/** Of values of one type, at least one of them. */
export function list(values: readonly ThriftValue[]): ThriftValue {
  const type = values[0]?.type ?? types.struct
  const count = values.length
  const head =
    count < 15 ? [Buffer.of((count << 4) | type)] : [Buffer.of(0xf0 | type), varint(count)]
  return { type: types.list, bytes: Buffer.concat([...head, ...values.map(({ bytes }) => bytes)]) }
}

/** By field id, in rising order as JavaScript keeps them; null for a field that is left out. */
export function struct(fields: Readonly<Record<number, ThriftValue | null>>): ThriftValue {
  const parts: Uint8Array[] = []
  let last = 0
  for (const [key, value] of Object.entries(fields)) {
    if (value === null) continue
    const id = Number(key)
    parts.push(Buffer.of(((id - last) << 4) | value.type), value.bytes)
    last = id
  }
  return { type: types.struct, bytes: Buffer.concat([...parts, Buffer.of(0)]) }
}

/** Seven bits a byte, the lowest first. */
export function varint(value: number): Buffer {
  const bytes: number[] = []
  let rest = value
  while (rest >= 128) {
    bytes.push((rest % 128) | 128)
    rest = Math.floor(rest / 128)
  }
  return Buffer.from([...bytes, rest])
}
