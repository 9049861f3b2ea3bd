/**
 * What of a delivery is to be made durable: pure, and before anything is hashed or written.
 */
import type { Recognised } from '../event/envelope.ts'
import { frame } from '../event/frame.ts'
import type { ObjectView } from '../event/json-view.ts'
import { type RecogniseOptions, recognise } from '../event/recognise.ts'
import type { Filter, FilterReason } from './accept.ts'

export interface Unreadable {
  readonly kind: 'unreadable'
  readonly slice: Uint8Array
  readonly reason: string
  readonly detail: string
}

export interface EventCandidate {
  readonly kind: 'event'
  readonly slice: Uint8Array
  readonly recognised: Recognised
}

export type Candidate = EventCandidate | Unreadable

export interface Candidates {
  readonly batch: boolean
  /** All that came, wanted or not. */
  readonly events: number
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
 * What cannot be read is always wanted: nobody knows what it says. Of a body with more than `most`
 * events nothing is, and they are only counted.
 */
export function candidatesOf(body: Uint8Array, wants: Wants, most: number): Candidates {
  let objects = 0
  const { batch, elements } = frame(body, (value, slice) =>
    objects++ < most ? judge(value, slice, wants) : null,
  )
  const events = elements.length
  const wanted: Candidate[] = []
  if (events > most) return { batch, events, wanted, filtered: 0, filteredFor: none }
  let filteredFor: Map<string, number> | null = null
  for (const element of elements) {
    const judged = element.kind === 'object' ? element.value : element
    if (judged === null) continue
    if (typeof judged !== 'string') wanted.push(judged)
    else {
      filteredFor ??= new Map()
      filteredFor.set(judged, (filteredFor.get(judged) ?? 0) + 1)
    }
  }
  const filtered = events - wanted.length
  return { batch, events, wanted, filtered, filteredFor: filteredFor ?? none }
}

/** A body that is kept whole for a reason of ours. */
export function keptWhole(slice: Uint8Array, why: Pick<Unreadable, 'reason' | 'detail'>) {
  const whole = { kind: 'unreadable', slice, ...why } as const
  return { batch: false, events: 1, wanted: [whole], filtered: 0, filteredFor: none }
}

/**
 * An event that names another organisation than that of its source is no event of that source. It
 * is kept, for an operator to see who sends what where; refused, it would come again and again or
 * be lost.
 */
function judge(value: ObjectView, slice: Uint8Array, wants: Wants): Candidate | FilterReason {
  const { filter } = wants
  const recognised = recognise(value, slice, wants.recognise)
  if (isForeign(recognised.orgId, wants.orgId)) return { kind: 'unreadable', slice, ...ofAnother }
  const reason = filter === null ? null : filter(value, recognised)
  return reason ?? { kind: 'event', slice, recognised }
}

function isForeign(named: string | null, bound: string | null): boolean {
  if (named === null || bound === null || named === bound) return false
  return named.toLowerCase() !== bound.toLowerCase()
}
