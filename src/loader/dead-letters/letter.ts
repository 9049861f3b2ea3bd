/**
 * A dead letter, what it is called, and what is decided about it.
 *
 * A decision is a note, and nothing else remembers it: a dead letter is open until a note names its
 * place. What fails again on its way back in is a dead letter of its own, whose detail names the
 * one that it was and which attempt this is.
 */
import { InletError } from '../../core/errors.ts'
import type { Entry, NoteEntry } from '../../journal/entry.ts'
import type { EventPlace } from '../places.ts'

export const REPLAYED = 'dead_letter_replayed'
export const DISCARDED = 'dead_letter_discarded'

/** A decision as it is told; `at` in ms since the epoch. */
export interface LetterDecision extends EventPlace {
  readonly reason: string
  readonly at: number
  readonly attempt: number | null
  readonly why: string | null
}

export const letterStates = ['open', 'replayed', 'discarded'] as const
export type LetterState = (typeof letterStates)[number]

/** No part of it is out of its body. */
export interface DeadLetter extends EventPlace {
  /** Short; see `letterId`. */
  readonly id: string
  readonly state: LetterState
  /** Null where that was lost with its record. */
  readonly source: string | null
  readonly sender: string | null
  /** The text of a JSON object. */
  readonly headers: string | null
  readonly eventType: string | null
  /** Ms since the epoch. */
  readonly receivedAt: number
  readonly reason: string
  readonly detail: string
  /** Of its body; 0 where none was kept. */
  readonly bytes: number
  readonly bodySha256: string | null
  /** How often it, or the one that it was, has been replayed. */
  readonly attempts: number
  /** The one that was replayed when it failed again. */
  readonly replayOf: string | null
  readonly decidedAt: number | null
  /** Why it was discarded. */
  readonly why: string | null
}

/** A letter by its id: which journal matters only where several had the partition. */
export interface LetterName {
  readonly text: string
  readonly partition: string
  readonly position: number
  /** The beginning of the journal id, or empty. */
  readonly journal: string
}

const DIGITS_OF_JOURNAL = 8

/** Such as `gateway-0/17`, or `gateway-0/17@b5a7c1d0` of one journal among several. */
export function letterId(place: EventPlace, isAmbiguous: boolean): string {
  const { journalId, partition, position } = place
  const journal = isAmbiguous ? `@${journalId.slice(0, DIGITS_OF_JOURNAL)}` : ''
  return `${partition}/${position}${journal}`
}

/** Throws INL_CLI_USAGE. */
export function parseLetterId(id: string): LetterName {
  const match = /^([^/@]+)\/(\d{1,15})(?:@([0-9a-f-]{4,36}))?$/.exec(id)
  if (match === null) {
    const reason = `${JSON.stringify(id)} is no dead letter`
    const hint = 'Name it as `inlet dead-letters list` does, such as gateway-0/17.'
    throw new InletError('INL_CLI_USAGE', { reason, hint })
  }
  const [, partition = '', position, journal = ''] = match
  return { text: id, partition, position: Number(position), journal }
}

export interface Replayed {
  readonly attempt: number
  readonly stored: number
  readonly quarantined: number
  readonly filtered: number
}

export function replayedNote(letter: DeadLetter, replayed: Replayed, now: number): NoteEntry {
  return { ...noteOf(letter, replayed, now), reason: REPLAYED }
}

export function discardedNote(letter: DeadLetter, why: string, now: number): NoteEntry {
  return { ...noteOf(letter, { why }, now), reason: DISCARDED }
}

function noteOf(letter: DeadLetter, more: object, receivedAt: number) {
  const detail = JSON.stringify({ ...placeDetail(letter), ...more })
  return { kind: 'note' as const, source: letter.source ?? '', receivedAt, detail }
}

/** The entry that a replayed letter has become: an unreadable one says what it was. */
export function linked(entry: Entry, letter: DeadLetter, attempt: number): Entry {
  if (entry.kind !== 'unreadable') return entry
  const detail = { found: entry.detail, attempt, ...placeDetail(letter) }
  return { ...entry, detail: JSON.stringify(detail) }
}

function placeDetail({ journalId, partition, position }: EventPlace) {
  return { journal_id: journalId, partition, position }
}

/** What a note of a decision says. */
export function decisionOf({ reason, receivedAt, detail }: NoteEntry): LetterDecision {
  const { journal_id, partition, position, attempt = null, why = null } = JSON.parse(detail)
  return { journalId: journal_id, partition, position, reason, at: receivedAt, attempt, why }
}
