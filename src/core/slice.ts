/**
 * A part of some bytes, from `from` up to `to`. Whoever asks where something stands hands in one
 * that he keeps: of millions of short texts an object each would cost more than copying them.
 */
export interface Slice {
  bytes: Buffer
  from: number
  to: number
}

export function emptySlice(): Slice {
  return { bytes: Buffer.alloc(0), from: 0, to: 0 }
}
