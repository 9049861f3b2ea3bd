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

/**
 * A deterministic generator: the same seed gives the same sequence everywhere. It is sfc32 of the
 * PractRand suite, whose 128 bits of state keep the streams of different seeds apart: with 32 bits
 * all seeds would share one short cycle, and two streams of a long simulation would draw the same
 * UUIDs.
 */
export function seededRandom(seed: number): Random {
  let [a, b, c] = [scrambled(seed), scrambled(seed + 1), scrambled(seed + 2)]
  let counter = 1
  const next32 = () => {
    const sum = (a + b + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = (((c << 21) | (c >>> 11)) + sum) | 0
    return sum >>> 0
  }
  for (let round = 0; round < 12; round++) next32()
  return fromSource(next32, (length) => Uint8Array.from({ length }, () => next32() & 0xff))
}

/** One step of SplitMix32: neighbouring seeds give words that have nothing in common. */
function scrambled(seed: number): number {
  let z = Math.imul(seed, 0x9e3779b9)
  z = Math.imul(z ^ (z >>> 16), 0x21f0aaad)
  z = Math.imul(z ^ (z >>> 15), 0x735a2d97)
  return z ^ (z >>> 15)
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
