/**
 * Reads DER (ITU-T X.690), as far as certificates and revocation lists need it: tags of one byte,
 * definite lengths. Everything else is no DER here, and a RangeError.
 */
export interface DerValue {
  readonly tag: number
  readonly content: Buffer
  /** Tag and length included: what is signed or compared. */
  readonly whole: Buffer
}

/** The values that fill `bytes`, one after the other. */
export function derValues(bytes: Buffer): DerValue[] {
  const values: DerValue[] = []
  for (let at = 0; at < bytes.length; ) {
    const value = derValueAt(bytes, at)
    values.push(value)
    at += value.whole.length
  }
  return values
}

export function derValueAt(bytes: Buffer, at: number): DerValue {
  const tag = byteAt(bytes, at)
  if ((tag & 0x1f) === 0x1f) throw new RangeError('a DER tag of several bytes')
  const first = byteAt(bytes, at + 1)
  const digits = first & 0x7f
  const isShort = first < 0x80
  if (!isShort && (digits === 0 || digits > 4)) throw new RangeError('a DER length of no size')
  const start = at + 2 + (isShort ? 0 : digits)
  if (start > bytes.length) throw new RangeError('DER ends within a length')
  const length = isShort ? first : bytes.readUIntBE(at + 2, digits)
  const end = start + length
  if (end > bytes.length) throw new RangeError('DER ends within a value')
  return { tag, content: bytes.subarray(start, end), whole: bytes.subarray(at, end) }
}

/** Such as `2.5.29.17`. */
export function derObjectId({ content }: DerValue): string {
  const parts: number[] = []
  let part = 0
  for (const byte of content) {
    part = part * 128 + (byte & 0x7f)
    if (byte < 0x80) {
      parts.push(part)
      part = 0
    }
  }
  const [joined = 0, ...others] = parts
  const first = Math.min(2, Math.floor(joined / 40))
  return [first, joined - 40 * first, ...others].join('.')
}

/**
 * The characters of a string type; null where they are none, or of a type that nobody writes any
 * longer. A NUL stays what it is: a character that other texts do not have.
 */
export function derText({ tag, content }: DerValue): string | null {
  try {
    const decoder = decoders[tag]
    return decoder === undefined ? null : decoder(content)
  } catch {
    return null
  }
}

const latin = (bytes: Buffer) => bytes.toString('latin1')

const decoders: Readonly<Record<number, (bytes: Buffer) => string>> = {
  12: (bytes) => new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes),
  19: latin,
  20: latin,
  22: latin,
  30: (bytes) => new TextDecoder('utf-16be', { fatal: true, ignoreBOM: true }).decode(bytes),
}

/** UTCTime or GeneralizedTime, as RFC 5280 allows them; milliseconds since the epoch. */
export function derTime({ tag, content }: DerValue): number {
  const text = content.toString('latin1')
  const match = /^(\d{2}|\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(text)
  if (match === null || (match[1]?.length === 2) !== (tag === 0x17))
    throw new RangeError('a DER time of another form')
  const [year = 0, month = 0, day = 0, ...clock] = match.slice(1).map(Number)
  const century = tag !== 0x17 ? 0 : year < 50 ? 2000 : 1900
  const [hour = 0, minute = 0, second = 0] = clock
  return Date.UTC(century + year, month - 1, day, hour, minute, second)
}

function byteAt(bytes: Buffer, at: number): number {
  const byte = bytes[at]
  if (byte === undefined) throw new RangeError('DER ends within a value')
  return byte
}
