/** What a reconciliation found, counted by the hour and the queue in which conversations began. */
import type { Interval } from '../genesys/details-query.ts'
import { type Finding, isLacking } from './decide.ts'
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
  readonly lacking: readonly Lacking[]
  readonly hours: readonly HourCounts[]
}

type Mutable<T> = { -readonly [Name in keyof T]: T[Name] }

const none: Counts = {
  ...{ expected: 0, present: 0, open: 0, missing: 0, incomplete: 0, changed: 0 },
  ...{ filtered: 0, erased: 0 },
}
const HOUR_MS = 3_600_000

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

  report(org: string, { from, to }: Interval): OrgReport {
    const { backFilled, unreadable, askedById } = this
    return {
      org,
      from: new Date(from).toISOString(),
      to: new Date(to).toISOString(),
      ...this.#all,
      backFilled,
      unreadable,
      askedById,
      lacking: this.#lacking,
      hours: [...this.#hours.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => one),
    }
  }
}
