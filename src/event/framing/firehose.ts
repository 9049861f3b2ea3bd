/**
 * The body of a Firehose HTTP endpoint delivery, cut into its records:
 *
 * `{"requestId":"...","timestamp":1578090901599,"records":[{"data":"<base64>"},...]}`
 *
 * Source: AWS, "HTTP endpoint delivery request and response specifications": at most 10,000 records
 * of 1,000 KiB and 64 MiB in all, before compression.
 *
 * Guarantee: nothing throws. The places of the records are found first and each is decoded when it
 * is asked for: a body of 64 MiB never stands in memory twice. A record that cannot be decoded is
 * itself in the shape that it came in, and the others pass.
 */
import {
  backslash,
  closeArray,
  closeObject,
  colon,
  comma,
  openArray,
  openObject,
  quote,
} from '../ascii.ts'
import { skipSeparators, trimmed } from './bytes.ts'

export interface FirehoseBatch {
  /** Null where the body names none. */
  readonly requestId: string | null
  /** In their order; may be gone through once. */
  readonly records: Iterable<FirehoseRecord>
}

export type FirehoseRecord =
  | { readonly kind: 'data'; readonly bytes: Buffer }
  | { readonly kind: 'damaged'; readonly slice: Buffer; readonly detail: string }

/** Null where the body has not that shape. */
export function readFirehose(body: Buffer): FirehoseBatch | null {
  const members = membersOf(body)
  const records = members?.get('records')
  if (records?.[0] !== openArray || records.at(-1) !== closeArray) return null
  const requestId = parse(members?.get('requestId') ?? records.subarray(0, 0))
  return {
    requestId: typeof requestId === 'string' ? requestId : null,
    records: recordsIn(records),
  }
}

/** Where no end of a record can be found, the rest of them is one that is damaged. */
function* recordsIn(array: Buffer): Generator<FirehoseRecord> {
  const last = array.length - 1
  for (let at = skipSeparators(array, 1); at < last; ) {
    const found = endOfPart(array, at)
    const end = found > at ? found : last
    yield readFirehoseRecord(trimmed(array, at, end))
    at = skipSeparators(array, end)
  }
}

/** One record, as it stands in a body. */
export function readFirehoseRecord(slice: Buffer): FirehoseRecord {
  const value = parse(slice)
  const isObject = typeof value === 'object' && value !== null && 'data' in value
  if (!isObject || typeof value.data !== 'string')
    return { kind: 'damaged', slice, detail: 'the record is no object with a text under data' }
  const bytes = Buffer.from(value.data, 'base64')
  return bytes.length === lengthOf(value.data)
    ? { kind: 'data', bytes }
    : { kind: 'damaged', slice, detail: 'the data of the record are not base64' }
}

/** Of what base64 stands for. Decoding passes over what is none, and then comes to fewer bytes. */
function lengthOf(base64: string): number {
  const padding = base64.endsWith('==') ? 2 : base64.endsWith('=') ? 1 : 0
  return (base64.length / 4) * 3 - padding
}

/** The values of the object that `bytes` are, by key; null where they are none. */
function membersOf(bytes: Buffer): ReadonlyMap<string, Buffer> | null {
  const members = new Map<string, Buffer>()
  let at = skipSeparators(bytes, 0)
  if (bytes[at] !== openObject) return null
  for (at = skipSeparators(bytes, at + 1); bytes[at] === quote; at = skipSeparators(bytes, at)) {
    const keyEnd = closingQuote(bytes, at)
    const joint = skipSeparators(bytes, keyEnd + 1)
    const key = parse(bytes.subarray(at, keyEnd + 1))
    const from = skipSeparators(bytes, joint + 1)
    const end = endOfPart(bytes, from)
    if (typeof key !== 'string' || bytes[joint] !== colon || end === -1) return null
    members.set(key, trimmed(bytes, from, end))
    at = end
  }
  const isWhole = bytes[at] === closeObject && skipSeparators(bytes, at + 1) === bytes.length
  return isWhole ? members : null
}

/** The comma or closing bracket that ends the value at `at`, or -1 where none does. */
function endOfPart(bytes: Buffer, at: number): number {
  let depth = 0
  for (let next = at; next < bytes.length; next++) {
    const byte = bytes[next]
    if (byte === quote) {
      next = closingQuote(bytes, next)
      if (next === -1) return -1
    } else if (byte === openObject || byte === openArray) depth++
    else if (byte === closeObject || byte === closeArray) {
      if (depth-- === 0) return next
    } else if (byte === comma && depth === 0) return next
  }
  return -1
}

/** The quote that closes the one at `at`, or -1. Data have no escapes: this looks at few bytes. */
function closingQuote(bytes: Buffer, at: number): number {
  let next = bytes.indexOf(quote, at + 1)
  while (next !== -1 && isEscaped(bytes, next)) next = bytes.indexOf(quote, next + 1)
  return next
}

function isEscaped(bytes: Buffer, at: number): boolean {
  let before = at
  while (bytes[before - 1] === backslash) before--
  return (at - before) % 2 === 1
}

function parse(slice: Buffer): unknown {
  try {
    return JSON.parse(slice.toString('utf8'))
  } catch {
    return undefined
  }
}
