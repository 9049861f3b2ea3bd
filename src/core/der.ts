/**
 * The few shapes of DER that a certificate needs. Source: ITU-T X.690; each function gives one
 * value, whole.
 */

const tags = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  objectId: 0x06,
  utf8: 0x0c,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
} as const

export function sequence(...parts: readonly Uint8Array[]): Buffer {
  return tagged(tags.sequence, ...parts)
}

export function set(...parts: readonly Uint8Array[]): Buffer {
  return tagged(tags.set, ...parts)
}

/** Of unsigned big-endian bytes. */
export function integer(bytes: Uint8Array): Buffer {
  let start = 0
  while (start < bytes.length - 1 && bytes[start] === 0) start++
  const digits = bytes.subarray(start)
  const isNegative = ((digits[0] ?? 0) & 0x80) !== 0
  return tagged(tags.integer, isNegative ? Buffer.from([0]) : Buffer.alloc(0), digits)
}

export function bitString(bytes: Uint8Array, unusedBits = 0): Buffer {
  return tagged(tags.bitString, Buffer.from([unusedBits]), bytes)
}

export const octetString = (bytes: Uint8Array) => tagged(tags.octetString, bytes)
export const utf8 = (text: string) => tagged(tags.utf8, Buffer.from(text))
export const yes = () => tagged(tags.boolean, Buffer.from([0xff]))

/** Such as `2.5.29.17`. */
export function objectId(dotted: string): Buffer {
  const [first = 0, second = 0, ...others] = dotted.split('.').map(Number)
  const bytes = [40 * first + second, ...others.flatMap(base128)]
  return tagged(tags.objectId, Buffer.from(bytes))
}

/** Two-digit years up to 2049, as RFC 5280 asks. */
export function time(at: Date): Buffer {
  const text = `${at.toISOString().slice(0, 19).replace(/[-:T]/g, '')}Z`
  return at.getUTCFullYear() < 2050
    ? tagged(tags.utcTime, Buffer.from(text.slice(2)))
    : tagged(tags.generalizedTime, Buffer.from(text))
}

/** Context-specific; `constructed` where it wraps whole values. */
export function context(number: number, bytes: Uint8Array, constructed: boolean): Buffer {
  return tagged(0x80 | (constructed ? 0x20 : 0) | number, bytes)
}

function tagged(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(parts)
  return Buffer.concat([Buffer.from([tag]), length(content.length), content])
}

function length(bytes: number): Buffer {
  if (bytes < 0x80) return Buffer.from([bytes])
  const digits: number[] = []
  for (let rest = bytes; rest > 0; rest >>>= 8) digits.unshift(rest & 0xff)
  return Buffer.from([0x80 | digits.length, ...digits])
}

function base128(value: number): number[] {
  const digits = [value & 0x7f]
  for (let rest = value >>> 7; rest > 0; rest >>>= 7) digits.unshift(0x80 | (rest & 0x7f))
  return digits
}
