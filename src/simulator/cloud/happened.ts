/**
 * The conversations of the simulated contact centre, as Analytics tells them at a moment: what has
 * not happened is not told, and what is under way has no end.
 *
 * Limits: the oldest conversations are forgotten beyond `most`.
 */
import { isArray, isObject, type JsonObject, type JsonValue } from '../../event/json.ts'
import type { Conversation } from '../centre/conversation.ts'
import { isDetail } from '../centre/happening.ts'
import { detailRecord } from '../render/conversation-detail.ts'
import { compact, isoTime } from '../render/rendered.ts'

export interface HappenedOptions {
  readonly most: number
  readonly divisionId: string
  /** Every so many conversations is corrected so long after its end; 0 for none. */
  readonly corrections: { readonly every: number; readonly afterMs: number }
}

export interface Happening {
  readonly conversationId: string
  readonly start: number
  /** Null while it is under way. */
  readonly end: number | null
  readonly record: JsonObject
}

interface Kept {
  readonly conversation: Conversation
  readonly isCorrected: boolean
}

export class Happened {
  readonly #options: HappenedOptions
  readonly #kept = new Map<string, Kept>()
  #told = 0

  constructor(options: HappenedOptions) {
    this.#options = options
  }

  get size(): number {
    return this.#kept.size
  }

  add(conversation: Conversation): void {
    const { every } = this.#options.corrections
    const isCorrected = every > 0 && ++this.#told % every === 0
    this.#kept.set(conversation.contact.conversationId, { conversation, isCorrected })
    if (this.#kept.size <= this.#options.most) return
    for (const oldest of this.#kept.keys()) {
      this.#kept.delete(oldest)
      return
    }
  }

  /** Null where there is none that has begun. */
  one(conversationId: string, now: number): Happening | null {
    const kept = this.#kept.get(conversationId)
    return kept === undefined ? null : this.#asOf(kept, now)
  }

  /** Those that have any part of the interval, in no order. */
  *within(from: number, to: number, now: number): Generator<Happening> {
    for (const kept of this.#kept.values()) {
      const { start, end } = kept.conversation.truth
      if (start >= to || end < from) continue
      const happening = this.#asOf(kept, now)
      if (happening !== null) yield happening
    }
  }

  /** As jobs tell a record: with the attributes of its participants. */
  withAttributes(conversationId: string, record: JsonObject): JsonObject {
    const { happenings = [] } = this.#kept.get(conversationId)?.conversation ?? {}
    const told = happenings.filter(isDetail).filter(({ type }) => type === 'attributes')
    const participants = listIn(record, 'participants').map((participant) => {
      if (!isObject(participant)) return participant
      const { participantId } = participant
      const own = told.filter(({ party }) => party.participantId === participantId)
      return {
        ...participant,
        attributes: Object.assign({}, ...own.map((one) => one.fields.attributes)),
      }
    })
    return { ...record, participants }
  }

  #asOf({ conversation, isCorrected }: Kept, now: number): Happening | null {
    const { start, end, conversationId } = conversation.truth
    if (start > now) return null
    const { divisionId, corrections } = this.#options
    const whole = detailRecord(conversation, divisionId)
    const late = isCorrected && now >= end + corrections.afterMs
    const record = recordAsOf(late ? corrected(whole) : whole, isoTime(now))
    return { conversationId, start, end: end > now ? null : end, record }
  }
}

/** Times of a record are all of one form, whose order is that of its text. */
export function recordAsOf(record: JsonObject, now: string): JsonObject {
  const isBefore = (name: string) => (value: JsonValue) =>
    isObject(value) && String(value[name] ?? '') <= now
  const until = (name: string, value: JsonObject) =>
    compact({ ...value, [name]: String(value[name] ?? '') <= now ? (value[name] ?? null) : null })
  const session = (value: JsonValue): JsonValue => {
    if (!isObject(value)) return value
    const segments = listIn(value, 'segments')
      .filter(isBefore('segmentStart'))
      .map((one) => (isObject(one) ? until('segmentEnd', one) : one))
    return { ...value, segments, metrics: listIn(value, 'metrics').filter(isBefore('emitDate')) }
  }
  const participants = listIn(record, 'participants').flatMap((participant) => {
    if (!isObject(participant)) return []
    const sessions = listIn(participant, 'sessions').map(session)
    const hasBegun = sessions.some((one) => isObject(one) && listIn(one, 'segments').length > 0)
    return hasBegun ? [{ ...participant, sessions }] : []
  })
  return until('conversationEnd', { ...record, participants })
}

/** As the platform's nightly pipeline may: a figure differs, and a tag says which record it is. */
function corrected(record: JsonObject): JsonObject {
  return { ...record, externalTag: 'corrected', mediaStatsMinConversationMos: 4.5 }
}

function listIn(value: JsonObject, name: string): readonly JsonValue[] {
  const list = value[name]
  return isArray(list) ? list : []
}
