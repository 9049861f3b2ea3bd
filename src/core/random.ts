/**
 * Randomness as a port: the system's for production, a seeded one for tests and the simulator, where
 * the seed is the bug report.
 */
import { randomBytes } from 'node:crypto'

export interface Random {
  /** A float in [0, 1). */
  next(): number
  /** A whole number in [0, below). */
  below(bound: number): number
  /** `length` bytes. */
  bytes(length: number): Uint8Array
  /** A version 4 UUID. */
  uuid(): string
}

export const systemRandom: Random = fromSource(() => randomBytes(4).readUInt32BE(0), randomBytes)

/** A deterministic generator (SplitMix32): the same seed gives the same sequence everywhere. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0
  const next32 = () => {
    state = (state + 0x9e3779b9) >>> 0
    let z = state
    z = Math.imul(z ^ (z >>> 16), 0x21f0aaad)
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97)
    return (z ^ (z >>> 15)) >>> 0
  }
  return fromSource(next32, (length) => Uint8Array.from({ length }, () => next32() & 0xff))
}

function fromSource(next32: () => number, bytes: (length: number) => Uint8Array): Random {
  return {
    next: () => next32() / 2 ** 32,
    below: (bound) => Math.floor((next32() / 2 ** 32) * bound),
    bytes,
    uuid: () => formatUuid(bytes(16)),
  }
}

function formatUuid(bytes: Uint8Array): string {
  const copy = Buffer.from(bytes)
  copy[6] = ((copy[6] ?? 0) & 0x0f) | 0x40
  copy[8] = ((copy[8] ?? 0) & 0x3f) | 0x80
  const hex = copy.toString('hex')
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    hex.slice(12, 16),
    hex.slice(16, 20),
    hex.slice(20),
  ].join('-')
}
