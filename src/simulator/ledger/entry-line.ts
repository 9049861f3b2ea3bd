/** A ledger entry as a line of JSON, and back. */
import type { JsonObject, JsonValue } from '../../event/json.ts'
import { isArray, isObject, parseJson } from '../../event/json.ts'
import { outcomes, readCounts } from '../sending/answer.ts'
import { type Expected, expectations } from '../traffic/faults.ts'
import type { LedgerEntry, SentEntry } from './ledger.ts'

export function lineOf(entry: LedgerEntry): string {
  return JSON.stringify(entry)
}

/** Null for what is no entry, such as a line that was cut short. */
export function entryOf(line: string): LedgerEntry | null {
  const value = parseJson(line)
  if (!isObject(value)) return null
  const { kind, delivery } = value
  if (typeof delivery !== 'number') return null
  if (kind === 'sent') return sentOf(delivery, value)
  if (kind === 'given-up') return { kind, delivery, reason: String(value['reason']) }
  const outcome = outcomes.find((name) => name === value['outcome'])
  if (kind !== 'acknowledged' || outcome === undefined) return null
  return { kind, delivery, outcome, counts: readCounts(value['counts']) }
}

function sentOf(delivery: number, value: JsonObject): SentEntry | null {
  const written = value['bodies']
  if (!isArray(written)) return null
  const bodies = written.map(bodyOf).filter((body) => body !== null)
  return bodies.length === written.length ? { kind: 'sent', delivery, bodies } : null
}

function bodyOf(value: JsonValue): readonly [string, string, Expected] | null {
  if (!isArray(value)) return null
  const [key, sha256] = value
  const expected = expectations.find((name) => name === value[2])
  const readable = typeof key === 'string' && typeof sha256 === 'string' && expected !== undefined
  return readable ? [key, sha256, expected] : null
}
