/**
 * Compares what a sender knows to be true with what lies in a lake: nothing acknowledged is
 * missing, nothing is there twice, nothing was made up, nothing was changed.
 */
import type { Outcome } from '../../tables/arrivals.ts'
import type { Ledger } from './ledger.ts'

/** Of a row of `bronze.arrivals`. */
export interface LakeRow {
  readonly outcome: Outcome
  readonly eventId: string | null
  /** Lower-case hexadecimal. */
  readonly bodySha256: string | null
}

export interface Comparison {
  /** Keys that were promised to be kept, and are not in the lake. */
  readonly missing: readonly string[]
  /** Keys that are there as an event more than once. */
  readonly repeated: readonly string[]
  /** Event ids (or SHA-256, where a row has none) of rows that nobody sent. */
  readonly unexpected: readonly string[]
  /** Event ids that were sent, in rows whose body was not. */
  readonly bodyMismatches: readonly string[]
  /** Keys of events that are there as dead letters only: kept, but not as what they are. */
  readonly deadLettered: readonly string[]
}

interface Found {
  events: number
  deadLetters: number
}

/**
 * A body is told by its SHA-256 first: the lake may have made the id, and where an id was used
 * again it tells the two apart as `id` and `id#hash`.
 */
export function compareWithLake(ledger: Ledger, rows: Iterable<LakeRow>): Comparison {
  const found = new Map<string, Found>()
  const unexpected: string[] = []
  const bodyMismatches: string[] = []
  for (const row of rows) {
    if (row.outcome === 'note') continue
    const byBody = row.bodySha256 === null ? undefined : ledger.keyOf(row.bodySha256)
    const byId = row.eventId?.split('#')[0] ?? ''
    if (byBody !== undefined) {
      count(found, byBody, row.outcome)
    } else if (ledger.bodies.has(byId)) {
      count(found, byId, row.outcome)
      bodyMismatches.push(byId)
    } else {
      unexpected.push(row.eventId ?? row.bodySha256 ?? '')
    }
  }
  const repeated = [...found].flatMap(([key, { events }]) => (events > 1 ? [key] : []))
  return { ...lost(ledger, found), repeated, unexpected, bodyMismatches }
}

function count(found: Map<string, Found>, key: string, outcome: Outcome) {
  const sums = found.get(key) ?? { events: 0, deadLetters: 0 }
  if (outcome === 'event') sums.events++
  if (outcome === 'dead_letter') sums.deadLetters++
  found.set(key, sums)
}

function lost(ledger: Ledger, found: ReadonlyMap<string, Found>) {
  const missing = new Set<string>()
  const deadLettered: string[] = []
  for (const [key, { expected, promised }] of ledger.bodies) {
    const { events = 0, deadLetters = 0 } = found.get(key) ?? {}
    if (events > 0) continue
    if (deadLetters === 0 && promised === 'kept') missing.add(key)
    if (deadLetters > 0 && expected !== 'unreadable') deadLettered.push(key)
  }
  for (const { keys, dropped } of ledger.partlyDropped) {
    for (const key of keys.filter((one) => missing.has(one)).slice(0, dropped)) missing.delete(key)
  }
  return { missing: [...missing], deadLettered }
}
