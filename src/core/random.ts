/**
 * Randomness as a port: the system's for production, a seeded one for tests and the simulator,
 * where the seed is the bug report.
 */
import { randomBytes, randomUUID } from 'node:crypto'

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

export const systemRandom: Random = {
  ...fromSource(() => randomBytes(4).readUInt32BE(0), randomBytes),
  uuid: randomUUID,
}

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
    uuid: () => formatUuid(next32(), next32(), next32(), next32()),
  }
}

const pairs = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))

function formatUuid(...words: [number, number, number, number]): string {
  const [a, b, c, d] = words
  const version = 0x4000 | (b & 0x0fff)
  const variant = 0x8000 | ((c >>> 16) & 0x3fff)
  const head = `${hex16(a >>> 16)}${hex16(a)}-${hex16(b >>> 16)}-${hex16(version)}`
  return `${head}-${hex16(variant)}-${hex16(c)}${hex16(d >>> 16)}${hex16(d)}`
}

function hex16(word: number): string {
  return `${pairs[(word >>> 8) & 0xff]}${pairs[word & 0xff]}`
}
