/**
 * What of a delivery is to be made durable: pure, and before anything is hashed or written.
 */
import type { Recognised } from '../event/envelope.ts'
import type { Element } from '../event/frame.ts'
import { type RecogniseOptions, recognise } from '../event/recognise.ts'
import type { Filter } from './accept.ts'

export interface Unreadable {
  readonly kind: 'unreadable'
  readonly slice: Uint8Array
  readonly reason: string
  readonly detail: string
}

/** What a body is cut into: as `frame` cuts it, or kept whole for a reason of ours. */
export type Part = Element | Unreadable

export interface EventCandidate {
  readonly kind: 'event'
  readonly slice: Uint8Array
  readonly recognised: Recognised
}

export type Candidate = EventCandidate | Unreadable

export interface Candidates {
  readonly wanted: readonly Candidate[]
  readonly filtered: number
  /** The filtered ones by reason. */
  readonly filteredFor: ReadonlyMap<string, number>
}

export interface Wants {
  /** The organisation that the source is bound to; null for any. */
  readonly orgId: string | null
  readonly recognise: RecogniseOptions
  /** Null where every event is wanted. */
  readonly filter: Filter | null
}

const none: ReadonlyMap<string, number> = new Map()

const ofAnother = {
  reason: 'other_org',
  detail: 'the event names an organisation that is not the one of its source',
} as const

/**
 * What cannot be read is always wanted: nobody knows what it says. An event that names another
 * organisation than that of its source is no event of that source. It is kept, for an operator to
 * see who sends what where; refused, it would come again and again or be lost.
 */
export function candidatesOf(parts: readonly Part[], wants: Wants): Candidates {
  const { filter } = wants
  const wanted: Candidate[] = []
  let filteredFor: Map<string, number> | null = null
  for (const part of parts) {
    if (part.kind !== 'object') {
      wanted.push(part)
      continue
    }
    const { value, slice } = part
    const recognised = recognise(value, slice, wants.recognise)
    if (isForeign(recognised.orgId, wants.orgId)) {
      wanted.push({ kind: 'unreadable', slice, ...ofAnother })
      continue
    }
    const reason = filter === null ? null : filter(value, recognised)
    if (reason === null) wanted.push({ kind: 'event', slice, recognised })
    else {
      filteredFor ??= new Map()
      filteredFor.set(reason, (filteredFor.get(reason) ?? 0) + 1)
    }
  }
  return { wanted, filtered: parts.length - wanted.length, filteredFor: filteredFor ?? none }
}

function isForeign(named: string | null, bound: string | null): boolean {
  if (named === null || bound === null || named === bound) return false
  return named.toLowerCase() !== bound.toLowerCase()
}
