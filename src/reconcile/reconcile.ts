/**
 * Compares an organisation's conversations with the lake, and back-fills what the lake lacks.
 *
 * Guarantee: every conversation that began in the interval and that Genesys tells of is compared,
 * once, and so are those before it that the lake does not know settled; what is lacking is
 * submitted before this resolves. Killed anywhere it is called again as it is: what was submitted
 * is known by its id, in the lake or by whoever decides what is a duplicate.
 *
 * What retention would take out of the lake at once is neither asked for nor submitted: each run
 * would find it lacking again.
 *
 * It asks at low urgency and submits at a rate of its own. Sources of limits:
 * ../genesys/details-query.ts.
 */
import type { Clock } from '../core/clock.ts'
import { hasCode } from '../core/errors.ts'
import type { ConversationRecord, DetailsPage, Interval } from '../genesys/details-query.ts'
import { decide, isLacking, type Known, type Refusal } from './decide.ts'
import { daysOf, halvesOf, isWithin, type KeptInterval, REACH_MS } from './intervals.ts'
import { factsOf, type RecordFacts } from './record.ts'
import { type OrgReport, ReportTally } from './report.ts'

export interface ReconcileDeps {
  readonly clock: Clock
  /** Pages of the records of an interval; rejects with INL_GEN_INTERVAL where that is too much. */
  readonly pull: (interval: Interval) => AsyncIterable<DetailsPage>
  readonly pullById: (conversationIds: readonly string[]) => AsyncIterable<DetailsPage>
  /** Conversations that began before the interval and must be asked for: see ./unsettled.ts. */
  readonly unsettled: (interval: KeptInterval) => Promise<readonly string[]>
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

export interface ReconcileOptions extends KeptInterval {
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
  const from = Math.max(options.from, options.keptFrom)
  const run = new Run(deps, { ...options, from })
  for (const day of daysOf({ ...options, from })) await run.compareDay(day)
  if (from < options.to) await run.compareRest()
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
  /** Records that do not tell when they began: any interval may tell of them, and several. */
  readonly #undated = new Map<string, Found>()
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

  /** What is not of any day: without a beginning, or asked for by id. */
  async compareRest(): Promise<void> {
    const deps = this.#deps
    const options = this.#options
    const ids = await deps.unsettled(options)
    this.tally.askedById = ids.length
    const rest = new Map(this.#undated)
    for await (const { records } of deps.pullById(ids)) {
      options.signal.throwIfAborted()
      for (const one of this.#read(records)) {
        const { start, isOver } = one.facts
        if (start !== null && isWithin(start, options)) continue
        // What goes on is as the lake has it: only what has ended is held against the lake.
        if (isOver) rest.set(one.facts.conversationId, one)
        else this.tally.add(one.facts, 'open')
      }
    }
    if (rest.size === 0) return
    const all = [...rest.values()]
    const reach = options.from - REACH_MS
    const from = Math.min(...all.map(({ facts: { start } }) => Math.max(start ?? reach, reach)))
    // What tells no time at all is filed under the day on which it came.
    const to = this.#undated.size > 0 ? Math.max(options.to, deps.clock.now()) : options.to
    await deps.known.load({ from, to }, [...rest.keys()])
    for (let at = 0; at < all.length; at += AT_ONCE)
      await this.#compareFound(all.slice(at, at + AT_ONCE))
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
        const found = this.#read(records)
        for (const one of found)
          if (one.facts.start === null) this.#undated.set(one.facts.conversationId, one)
        await this.#compareFound(found.filter(({ facts }) => this.#isFresh(facts, interval)))
      }
      return true
    } catch (error) {
      if (mayCut && hasCode(error, 'INL_GEN_INTERVAL')) return false
      throw error
    }
  }

  /** True once a day. */
  #isFresh({ conversationId, start }: RecordFacts, interval: Interval): boolean {
    if (start === null || !isWithin(start, interval) || this.#seen.has(conversationId)) return false
    this.#seen.add(conversationId)
    return true
  }

  #read(records: readonly ConversationRecord[]): Found[] {
    return records.flatMap((record) => {
      const facts = factsOf(record.view, record.slice)
      if (facts === null || !facts.hasSessions) this.tally.unreadable++
      return facts?.hasSessions ? [{ record, facts }] : []
    })
  }

  async #compareFound(found: readonly Found[]): Promise<void> {
    if (found.length === 0) return
    const known = await this.#deps.known.find(found.map(({ facts }) => facts.conversationId))
    const lacking = found.filter(({ record, facts }) => {
      const told = decide(facts, known.get(facts.conversationId))
      const finding = (isLacking(told) ? this.#refusal(record, facts) : null) ?? told
      this.tally.add(facts, finding)
      return isLacking(finding)
    })
    await this.#submit(lacking.map(({ record }) => record))
    this.#expected += found.length
    this.#options.onProgress(this.#expected)
  }

  #refusal(record: ConversationRecord, { filedAt }: RecordFacts): Refusal | null {
    const isRetired = filedAt !== null && filedAt < this.#options.keptFrom
    return isRetired ? 'retired' : this.#deps.refusal(record)
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
