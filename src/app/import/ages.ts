/**
 * What of an import does not stay in the lake because of its age, or cannot be dated: who imports
 * it learns so at once, and not by its absence.
 */
import type { Entry } from '../../journal/entry.ts'
import { firstDayKept } from '../../lake/retention.ts'
import { EARLIEST_MS } from '../../loader/silver/slice.ts'
import type { Config } from '../config/schema.ts'

export interface AgesReport {
  /** Events that the next retention takes out of bronze or silver. Gold leaves their days alone. */
  readonly notKept: number
  /**
   * Events older than any may be when they were received: they count as of then, with the rule
   * `event_time_impossible`.
   */
  readonly undated: number
}

export class Ages {
  readonly #keptFrom: { readonly bronze: number; readonly silver: number }
  #notKept = 0
  #undated = 0

  constructor(now: number, { bronze, silver }: Config['lake']['retention']) {
    const from = (keep: number) => Date.parse(firstDayKept(now, keep))
    this.#keptFrom = { bronze: from(bronze), silver: from(silver) }
  }

  look(entry: Entry): void {
    if (entry.kind !== 'event') return
    const { receivedAt, eventTime } = entry.envelope
    const isUndated = eventTime !== null && eventTime < receivedAt - EARLIEST_MS
    const filedAt = isUndated ? receivedAt : (eventTime ?? receivedAt)
    const { bronze, silver } = this.#keptFrom
    if (isUndated) this.#undated++
    if (receivedAt < bronze || filedAt < silver) this.#notKept++
  }

  report(): AgesReport {
    return { notKept: this.#notKept, undated: this.#undated }
  }
}
