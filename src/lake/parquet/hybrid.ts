/**
 * Parquet's encoding of small numbers, such as levels and places in a dictionary: runs of one
 * number, and between them numbers packed bit by bit in groups of eight. Pure.
 *
 * Source: Encodings.md of Apache Parquet, "Run Length Encoding / Bit-Packing Hybrid".
 */

/** Numbers below 2^`width`, `width` from 1 to 8; the first `count` of `values`. */
export interface SmallNumbers {
  readonly values: Uint8Array
  readonly count: number
  readonly width: number
}

/** Bytes that `writeHybrid` takes at most for so many numbers. */
export function hybridBound(count: number, width: number): number {
  return Math.ceil(count / 8) * (width + 2) + 16
}

/** Returns the offset behind what it wrote. */
export function writeHybrid(into: Uint8Array, at: number, numbers: SmallNumbers): number {
  const { values, count } = numbers
  let end = at
  let packed = 0
  let next = 0
  while (next < count) {
    const run = runLength(values, next, count)
    if (run < 8) {
      // What is packed are whole groups of eight, save at the very end.
      next = Math.min(next + 8, count)
      continue
    }
    end = writePacked(into, end, { ...numbers, from: packed, to: next })
    end = writeVarint(into, end, 2 * run)
    into[end++] = values[next] ?? 0
    next += run
    packed = next
  }
  return writePacked(into, end, { ...numbers, from: packed, to: count })
}

function runLength(values: Uint8Array, from: number, count: number): number {
  const value = values[from]
  let end = from + 1
  while (end < count && values[end] === value) end++
  return end - from
}

/** Those from `from` to `to`, the lowest bits first, filled up with zeros to a group. */
function writePacked(
  into: Uint8Array,
  at: number,
  { values, width, from, to }: SmallNumbers & { from: number; to: number },
): number {
  if (from === to) return at
  const groups = Math.ceil((to - from) / 8)
  let end = writeVarint(into, at, 2 * groups + 1)
  let held = 0
  let bits = 0
  for (let next = from; next < from + 8 * groups; next++) {
    held |= (next < to ? (values[next] ?? 0) : 0) << bits
    for (bits += width; bits >= 8; bits -= 8) {
      into[end++] = held & 0xff
      held >>>= 8
    }
  }
  return end
}

function writeVarint(into: Uint8Array, at: number, value: number): number {
  let end = at
  let rest = value
  for (; rest >= 128; rest >>>= 7) into[end++] = (rest & 127) | 128
  into[end++] = rest
  return end
}
