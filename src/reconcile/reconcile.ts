/**
 * Compares an organisation's conversations with the lake, and back-fills what the lake lacks.
 *
 * Guarantee: every conversation that began in the interval and that Genesys tells of is compared,
 * once; what is lacking is submitted before this resolves. Killed anywhere it is called again as it
 * is: what was submitted is known by its id, in the lake or by whoever decides what is a duplicate.
 *
 * It asks at low urgency and submits at a rate of its own. Sources of limits:
 * ../genesys/details-query.ts.
 */
import type { Clock } from '../core/clock.ts'
import { hasCode } from '../core/errors.ts'
import type { ConversationRecord, DetailsPage, Interval } from '../genesys/details-query.ts'
import { decide, isLacking, type Known } from './decide.ts'
import { daysOf, halvesOf, isWithin } from './intervals.ts'
import { factsOf, type RecordFacts } from './record.ts'
import { type OrgReport, ReportTally } from './report.ts'

export interface ReconcileDeps {
  readonly clock: Clock
  /** Pages of the records of an interval; rejects with INL_GEN_INTERVAL where that is too much. */
  readonly pull: (interval: Interval) => AsyncIterable<DetailsPage>
  readonly known: {
    load(interval: Interval): Promise<void>
    find(conversationIds: readonly string[]): Promise<ReadonlyMap<string, Known>>
  }
  /** Resolves once the record is durable, or `filtered` where its source does not want it. */
  readonly submit: (record: ConversationRecord) => Promise<'stored' | 'filtered'>
}

export interface ReconcileOptions extends Interval {
  readonly org: string
  readonly signal: AbortSignal
  /** Records that are submitted, at most. */
  readonly perSecond: number
  readonly onProgress: (expected: number) => void
}

/** The platform's own limit for all pages of a query. */
const MOST_RESULTS = 100_000

export async function reconcile(
  deps: ReconcileDeps,
  options: ReconcileOptions,
): Promise<OrgReport> {
  const tally = new ReportTally()
  for (const day of daysOf(options)) {
    await deps.known.load(day)
    await new DayRun(deps, options, tally).compare(day)
  }
  return tally.report(options.org, options)
}

class DayRun {
  readonly #deps: ReconcileDeps
  readonly #options: ReconcileOptions
  readonly #tally: ReportTally
  /** Pages shift while conversations change, and halves are asked for again. */
  readonly #seen = new Set<string>()
  #expected = 0

  constructor(deps: ReconcileDeps, options: ReconcileOptions, tally: ReportTally) {
    this.#deps = deps
    this.#options = options
    this.#tally = tally
  }

  async compare(interval: Interval): Promise<void> {
    if (await this.#compareWhole(interval)) return
    for (const half of halvesOf(interval) ?? []) await this.compare(half)
  }

  /** False where it is too much to ask for at once. */
  async #compareWhole(interval: Interval): Promise<boolean> {
    const mayCut = halvesOf(interval) !== null
    try {
      for await (const { records, totalHits } of this.#deps.pull(interval)) {
        this.#options.signal.throwIfAborted()
        if (mayCut && (totalHits ?? 0) > MOST_RESULTS) return false
        await this.#comparePage(records, interval)
      }
      return true
    } catch (error) {
      if (mayCut && hasCode(error, 'INL_GEN_INTERVAL')) return false
      throw error
    }
  }

  async #comparePage(records: readonly ConversationRecord[], interval: Interval): Promise<void> {
    const page: { record: ConversationRecord; facts: RecordFacts }[] = []
    for (const record of records) {
      const facts = factsOf(record.view, record.slice)
      if (facts === null) this.#tally.unreadable++
      if (facts === null || !isWithin(facts.start, interval)) continue
      if (this.#seen.has(facts.conversationId)) continue
      this.#seen.add(facts.conversationId)
      page.push({ record, facts })
    }
    if (page.length === 0) return
    const known = await this.#deps.known.find(page.map(({ facts }) => facts.conversationId))
    const lacking = page.filter(({ facts }) => {
      const finding = decide(facts, known.get(facts.conversationId))
      this.#tally.add(facts, finding)
      return isLacking(finding)
    })
    await this.#submit(lacking.map(({ record }) => record))
    this.#expected += page.length
    this.#options.onProgress(this.#expected)
  }

  async #submit(records: readonly ConversationRecord[]): Promise<void> {
    const { clock, submit } = this.#deps
    const { perSecond, signal } = this.#options
    const began = clock.elapsed()
    for (const outcome of await Promise.all(records.map(submit))) {
      if (outcome === 'stored') this.#tally.backFilled++
      else this.#tally.filtered++
    }
    const waitMs = (records.length * 1000) / perSecond - (clock.elapsed() - began)
    if (waitMs > 0) await clock.sleep(waitMs, signal)
  }
}
