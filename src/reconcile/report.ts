/** What a reconciliation found, counted by the hour and the queue in which conversations began. */
import { type Finding, isLacking } from './decide.ts'
import type { KeptInterval } from './intervals.ts'
import type { RecordFacts } from './record.ts'

export type Counts = Readonly<Record<'expected' | Finding, number>>

export interface HourCounts extends Counts {
  /** UTC, `2026-03-01T09:00:00.000Z`; null where a record does not tell when it began. */
  readonly hour: string | null
  readonly queueId: string | null
}

/** A conversation that the lake lacked, or had otherwise. */
export interface Lacking {
  readonly conversationId: string
  readonly finding: Finding
}

/** What of an interval was not asked for. */
export interface NotKept {
  /** The lake keeps nothing that happened before. */
  readonly keptFrom: string
  /** Days, begun ones as well, that were left out. */
  readonly days: number
}

export interface OrgReport extends Counts {
  readonly org: string
  readonly from: string
  readonly to: string
  /** Records that were made durable. */
  readonly backFilled: number
  /** Answers of Genesys that are no records of conversations, or tell of no session. */
  readonly unreadable: number
  /** Conversations that began before the interval and were asked for by their ids. */
  readonly askedById: number
  /** Null where all of the interval was asked for. */
  readonly notKept: NotKept | null
  readonly lacking: readonly Lacking[]
  readonly hours: readonly HourCounts[]
}

type Mutable<T> = { -readonly [Name in keyof T]: T[Name] }

const none: Counts = {
  ...{ expected: 0, present: 0, open: 0, missing: 0, incomplete: 0, changed: 0 },
  ...{ filtered: 0, erased: 0, retired: 0 },
}
const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

export class ReportTally {
  readonly #all: Mutable<Counts> = { ...none }
  readonly #hours = new Map<string, Mutable<HourCounts>>()
  readonly #lacking: Lacking[] = []
  unreadable = 0
  askedById = 0
  backFilled = 0

  add({ conversationId, start, queueId }: RecordFacts, finding: Finding): void {
    const hour = start === null ? null : new Date(start - (start % HOUR_MS)).toISOString()
    const key = JSON.stringify([hour, queueId])
    const counts = this.#hours.get(key) ?? { hour, queueId, ...none }
    this.#hours.set(key, counts)
    for (const one of [this.#all, counts]) {
      one.expected++
      one[finding]++
    }
    if (isLacking(finding)) this.#lacking.push({ conversationId, finding })
  }

  report(org: string, { from, to, keptFrom }: KeptInterval): OrgReport {
    const { backFilled, unreadable, askedById } = this
    return {
      org,
      from: new Date(from).toISOString(),
      to: new Date(to).toISOString(),
      ...this.#all,
      backFilled,
      unreadable,
      askedById,
      notKept: from < keptFrom ? notKept({ from, to, keptFrom }) : null,
      lacking: this.#lacking,
      hours: [...this.#hours.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => one),
    }
  }
}

function notKept({ from, to, keptFrom }: KeptInterval): NotKept {
  const days = Math.ceil(Math.min(to, keptFrom) / DAY_MS) - Math.floor(from / DAY_MS)
  return { keptFrom: new Date(keptFrom).toISOString(), days }
}
