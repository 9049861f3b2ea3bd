/**
 * Compares an organisation's conversations with the lake, and back-fills what the lake lacks.
 *
 * Guarantee: every conversation that began in the interval and that Genesys tells of is compared,
 * once, and so are those before it that the lake does not know settled; what is lacking is
 * submitted before this resolves. Killed anywhere it is called again as it is: what was submitted
 * is known by its id, in the lake or by whoever decides what is a duplicate.
 *
 * It asks at low urgency and submits at a rate of its own. Sources of limits:
 * ../genesys/details-query.ts.
 */
import type { Clock } from '../core/clock.ts'
import { hasCode } from '../core/errors.ts'
import type { ConversationRecord, DetailsPage, Interval } from '../genesys/details-query.ts'
import { decide, isLacking, type Known, type Refusal } from './decide.ts'
import { daysOf, halvesOf, isWithin, REACH_MS } from './intervals.ts'
import { factsOf, type RecordFacts } from './record.ts'
import { type OrgReport, ReportTally } from './report.ts'

export interface ReconcileDeps {
  readonly clock: Clock
  /** Pages of the records of an interval; rejects with INL_GEN_INTERVAL where that is too much. */
  readonly pull: (interval: Interval) => AsyncIterable<DetailsPage>
  readonly pullById: (conversationIds: readonly string[]) => AsyncIterable<DetailsPage>
  /** Conversations that began before the interval and must be asked for: see ./unsettled.ts. */
  readonly unsettled: (interval: Interval) => Promise<readonly string[]>
  readonly known: {
    /** `ids`: of those conversations alone. */
    load(interval: Interval, ids?: readonly string[]): Promise<void>
    find(conversationIds: readonly string[]): Promise<ReadonlyMap<string, Known>>
  }
  /** Why a record is not to be submitted; null where it is. */
  readonly refusal: (record: ConversationRecord) => Refusal | null
  /** Resolves once the record is durable. */
  readonly submit: (record: ConversationRecord) => Promise<void>
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
/** Records that are compared at a time where they do not come in pages. */
const AT_ONCE = 100

export async function reconcile(
  deps: ReconcileDeps,
  options: ReconcileOptions,
): Promise<OrgReport> {
  const run = new Run(deps, options)
  for (const day of daysOf(options)) await run.compareDay(day)
  await run.compareUnsettled()
  return run.tally.report(options.org, options)
}

interface Found {
  readonly record: ConversationRecord
  readonly facts: RecordFacts
}

class Run {
  readonly tally = new ReportTally()
  readonly #deps: ReconcileDeps
  readonly #options: ReconcileOptions
  /** Of the day: pages shift while conversations change, and halves are asked for again. */
  readonly #seen = new Set<string>()
  #expected = 0

  constructor(deps: ReconcileDeps, options: ReconcileOptions) {
    this.#deps = deps
    this.#options = options
  }

  async compareDay(day: Interval): Promise<void> {
    this.#seen.clear()
    await this.#deps.known.load(day)
    await this.#compare(day)
  }

  /** What goes on is as the lake has it: only what has ended is held against the lake. */
  async compareUnsettled(): Promise<void> {
    const deps = this.#deps
    const options = this.#options
    const ids = await deps.unsettled(options)
    this.tally.askedById = ids.length
    const ended: Found[] = []
    for await (const { records } of deps.pullById(ids)) {
      options.signal.throwIfAborted()
      for (const one of this.#read(records)) {
        const { start, isOver } = one.facts
        if (start !== null && isWithin(start, options)) continue
        if (isOver) ended.push(one)
        else this.tally.add(one.facts, 'open')
      }
    }
    if (ended.length === 0) return
    const reach = options.from - REACH_MS
    const from = Math.min(...ended.map(({ facts: { start } }) => Math.max(start ?? reach, reach)))
    const endedIds = ended.map(({ facts }) => facts.conversationId)
    await deps.known.load({ from, to: options.to }, endedIds)
    for (let at = 0; at < ended.length; at += AT_ONCE)
      await this.#compareFound(ended.slice(at, at + AT_ONCE))
  }

  async #compare(interval: Interval): Promise<void> {
    if (await this.#compareWhole(interval)) return
    for (const half of halvesOf(interval) ?? []) await this.#compare(half)
  }

  /** False where it is too much to ask for at once. */
  async #compareWhole(interval: Interval): Promise<boolean> {
    const mayCut = halvesOf(interval) !== null
    try {
      for await (const { records, totalHits } of this.#deps.pull(interval)) {
        this.#options.signal.throwIfAborted()
        if (mayCut && (totalHits ?? 0) > MOST_RESULTS) return false
        const found = this.#read(records).filter(({ facts: { conversationId, start } }) => {
          if (!isWithin(start, interval) || this.#seen.has(conversationId)) return false
          this.#seen.add(conversationId)
          return true
        })
        await this.#compareFound(found)
      }
      return true
    } catch (error) {
      if (mayCut && hasCode(error, 'INL_GEN_INTERVAL')) return false
      throw error
    }
  }

  #read(records: readonly ConversationRecord[]): Found[] {
    return records.flatMap((record) => {
      const facts = factsOf(record.view, record.slice)
      if (facts === null) this.tally.unreadable++
      return facts === null ? [] : [{ record, facts }]
    })
  }

  async #compareFound(found: readonly Found[]): Promise<void> {
    if (found.length === 0) return
    const known = await this.#deps.known.find(found.map(({ facts }) => facts.conversationId))
    const lacking = found.filter(({ record, facts }) => {
      const told = decide(facts, known.get(facts.conversationId))
      const finding = (isLacking(told) ? this.#deps.refusal(record) : null) ?? told
      this.tally.add(facts, finding)
      return isLacking(finding)
    })
    await this.#submit(lacking.map(({ record }) => record))
    this.#expected += found.length
    this.#options.onProgress(this.#expected)
  }

  async #submit(records: readonly ConversationRecord[]): Promise<void> {
    const { clock, submit } = this.#deps
    const { perSecond, signal } = this.#options
    const began = clock.elapsed()
    await Promise.all(records.map(submit))
    this.tally.backFilled += records.length
    const waitMs = (records.length * 1000) / perSecond - (clock.elapsed() - began)
    if (waitMs > 0) await clock.sleep(waitMs, signal)
  }
}
