/**
 * The loader: journal to `bronze.arrivals`, again and again.
 *
 * Every `commitEveryMs` it lands what is durable, in as many commits as that takes; behind a
 * backlog it does not wait. The lake may be slow or absent: a batch is tried again as it is until
 * it lands, and the journal grows meanwhile; ingress never notices. A disk that cannot be read is
 * asked again as well. It stops for good only when going on would lose or double something: a gap,
 * or a journal that is not the one that the lake has read.
 */
import type { Clock } from '../core/clock.ts'
import { errorText, hasCode, type InletError } from '../core/errors.ts'
import type { Lifecycle } from '../core/lifecycle.ts'
import type { WindowCopy } from '../dedup/window-copy.ts'
import type { JournalReader } from '../journal/journal.ts'
import type { Lake } from '../lake/lake.ts'
import type { Observer } from '../observe/events.ts'
import type { Measured, Reading } from '../observe/metrics.ts'
import { type Arrival, arrivals } from '../tables/arrivals.ts'
import { acceptGap } from './accept-gap.ts'
import { type AttemptsDeps, persist } from './attempts.ts'
import type { BatchesRead } from './batch.ts'
import type { BodyMask } from './body-mask.ts'
import { checkHistory } from './check-history.ts'
import { isLasting } from './denied.ts'
import type { Erasure } from './erase/tombstones.ts'
import type { LandedArrivals } from './evidence.ts'
import {
  commitLanding,
  type DecidedRows,
  decideRows,
  hasLanded,
  isFresh,
  type Landing,
  type LandingDeps,
  publishRows,
} from './landing.ts'
import { LoadMeter } from './load-meter.ts'
import { Partitions } from './partitions.ts'
import { appId, type PartitionBatch, type SourcePolicy, sourcePolicies } from './places.ts'
import { WindowKeeper } from './window-keeper.ts'

const UPKEEP_EVERY_MS = 60_000
const SETTLE_EVERY_MS = 60_000

export interface LoaderDeps {
  readonly lake: Lake
  readonly landed: LandedArrivals
  /** Of the window, for the next start; closed with the loader. */
  readonly windowCopy?: WindowCopy
  /** Partitions that are not open yet; asked before every round. */
  readonly openPartitions: (open: ReadonlySet<string>) => Promise<JournalReader[]>
  readonly clock: Clock
  readonly observer: Observer
  /** How bronze keeps bodies; as they came where it is left out. */
  readonly bodyMask?: BodyMask
  /** Keeps out who was erased. */
  readonly erasure?: Erasure
  /** Told once, when the loader cannot go on. */
  readonly onFatal: (error: unknown) => void
}

export interface LoaderOptions {
  readonly commitEveryMs: number
  /** Bytes of journal that one commit takes, about. */
  readonly commitBytes: number
  readonly windowMs: number
  readonly windowMaxBytes: number
  readonly sources: readonly (SourcePolicy & { readonly name: string })[]
  /** Partitions whose missing positions an operator gave up. */
  readonly acceptGaps: readonly string[]
  /** What cannot be mended by waiting ends it: someone waits for the end of it. */
  readonly isOnce?: boolean
}

export interface Loader extends Lifecycle, Measured {
  /** Commits everything that is durable at the moment of the call. */
  flush(): Promise<void>
}

export function openLoader(deps: LoaderDeps, options: LoaderOptions): Loader {
  return new BronzeLoader(deps, options)
}

class BronzeLoader implements Loader {
  readonly name = 'loader'
  readonly #deps: LoaderDeps
  readonly #options: LoaderOptions
  readonly #retries: AttemptsDeps
  readonly #partitions: Partitions
  readonly #windows: WindowKeeper
  readonly #stopping = new AbortController()
  readonly #meter = new LoadMeter()
  #landing: LandingDeps | null = null
  #running: Promise<void> | null = null
  #round: Promise<unknown> = Promise.resolve()
  #upkeep: Promise<void> | null = null
  #upkeepAt = 0
  #settledAt = 0
  /** The version whose rows the window knows; the table itself may have read on, for its upkeep. */
  #rowsKnown = -1

  constructor(deps: LoaderDeps, options: LoaderOptions) {
    this.#deps = deps
    this.#options = options
    const { clock, observer, openPartitions: open } = deps
    const report = (error: unknown, waitMs: number) => {
      this.#meter.retried()
      observer('loader_retrying', { reason: errorText(error), waitMs })
    }
    this.#retries = { clock, report, ...(options.isOnce && { isFinal: isLasting }) }
    this.#partitions = new Partitions({ ...this.#retries, open }, options)
    this.#windows = new WindowKeeper({ ...deps, copy: deps.windowCopy ?? null }, options)
  }

  measure(reading: Reading): void {
    this.#meter.measure(reading)
  }

  async start(_signal: AbortSignal): Promise<void> {
    this.#upkeepAt = this.#deps.clock.elapsed()
    this.#settledAt = this.#upkeepAt
    this.#running = this.#run().catch((error: unknown) => {
      if (!this.#stopping.signal.aborted) this.#deps.onFatal(error)
    })
  }

  /** Lands what is durable, and takes no longer than the deadline. */
  async drain(deadline: AbortSignal): Promise<void> {
    const given = new Promise<void>((resolve) => {
      if (deadline.aborted) return resolve()
      deadline.addEventListener('abort', () => resolve(), { once: true })
    })
    await Promise.race([this.flush(), given])
  }

  async stop(): Promise<void> {
    this.#stopping.abort(new Error('the loader is stopping'))
    await this.#running
    await this.#round.catch(() => undefined)
    await this.#upkeep
    await this.#partitions.close()
    await this.#windows.close()
    this.#landing = null
  }

  flush(): Promise<void> {
    return this.#inTurn(async () => {
      const { signal } = this.#stopping
      for (;;) {
        await this.#partitions.settle()
        while (!signal.aborted && (await this.#land()));
        const wait = this.#partitions.retryInMs
        if (signal.aborted || wait === null) return
        await this.#deps.clock.sleep(wait, signal)
      }
    })
  }

  async #run(): Promise<void> {
    const { clock } = this.#deps
    const { signal } = this.#stopping
    while (!signal.aborted) {
      const began = clock.elapsed()
      await this.#inTurn(async () => {
        await this.#settleNowAndThen()
        while ((await this.#land()) && !signal.aborted);
      })
      this.#startUpkeep()
      const { commitEveryMs } = this.#options
      const wait = Math.min(commitEveryMs, this.#partitions.retryInMs ?? commitEveryMs)
      const rest = wait - (clock.elapsed() - began)
      await clock.sleep(Math.max(1, rest), signal).catch(() => undefined)
    }
  }

  /**
   * A writer that died may have made more durable than it could tell. Where it is started again it
   * tells then; where it is not, as a gateway beyond a lowered number, the loader does.
   */
  async #settleNowAndThen(): Promise<void> {
    const now = this.#deps.clock.elapsed()
    if (now - this.#settledAt < SETTLE_EVERY_MS) return
    this.#settledAt = now
    await this.#partitions.settle()
  }

  /** Rounds take turns: a flush and the loop must not read the same positions. */
  #inTurn(task: () => Promise<void>): Promise<void> {
    const turn = this.#round.then(task, task)
    this.#round = turn.catch(() => undefined)
    return turn
  }

  /** Lands one batch. True when there is more. */
  async #land(): Promise<boolean> {
    await this.#partitions.openNew()
    const deps = this.#landing ?? (await this.#persist(() => this.#openTable()))
    this.#landing = deps
    const read = await this.#read(deps)
    if (read?.batches.length === 0) {
      await this.#partitions.trim([])
      return false
    }
    if (read === null || !(await this.#commit(deps, read.batches))) {
      // Others wrote to the table: what is known of it, and what was decided, is out of date.
      this.#landing = null
      return true
    }
    await this.#partitions.trim(read.batches)
    return read.isFull
  }

  /** Null when the table has moved on: a gap was accepted, or another loader landed it. */
  async #read(deps: LandingDeps): Promise<BatchesRead | null> {
    const { version } = deps.table
    try {
      return await this.#partitions.read({
        txn: (reader) => deps.table.txn(appId(reader)),
        check: (reader) => checkHistory(deps, reader),
      })
    } catch (error) {
      if (!hasCode(error, 'INL_JRN_GAP')) throw error
      await deps.table.refresh()
      if (deps.table.version === version) await this.#acceptGap(deps, error)
      return null
    }
  }

  /** Rejects with the error itself unless an operator gave up positions of its partition. */
  async #acceptGap(deps: LandingDeps, error: InletError): Promise<void> {
    const { details } = error
    const partition = String(details['partition'])
    const reader = this.#partitions.get(partition)
    if (reader === undefined || !this.#options.acceptGaps.includes(partition)) throw error
    const [from, to] = [Number(details['from']), Number(details['to'])]
    const gap = { journalId: reader.journalId, partition, from, to }
    await this.#persist(() => acceptGap(deps, gap))
  }

  /** False when the batch must be decided again. */
  async #commit(deps: LandingDeps, batches: readonly PartitionBatch[]): Promise<boolean> {
    const rowsAsOf = this.#rowsKnown
    const decided = await this.#persist(() => decideRows(deps, batches))
    const { rows } = decided
    let published = await this.#persist(() => publishRows(deps, rows))
    let version: number | null = null
    const landed = await this.#persist(async () => {
      if (!isFresh(published, deps.clock)) published = await publishRows(deps, rows)
      const landing: Landing = { batches, rows, files: published.files, rowsAsOf }
      const result = await commitLanding(deps, landing).catch(async (error: unknown) => {
        // It may have landed all the same: the table knows.
        await deps.table.refresh()
        if (hasLanded(deps.table, landing)) return { kind: 'committed' as const, version: null }
        throw error
      })
      version = result.version
      return result.kind === 'committed'
    })
    if (!landed) return false
    this.#hasLanded(deps, decided, published.files.length)
    // Where the version is not known, the next commit makes the window be opened anew.
    if (version === null) return true
    this.#rowsKnown = version
    const { identities } = decided
    await this.#windows.hasLanded(deps.table, deps.window, { version, identities, batches })
    return true
  }

  #hasLanded(deps: LandingDeps, { rows, identities }: DecidedRows, files: number): void {
    const { clock, observer } = this.#deps
    const { window, table } = deps
    const covered = window.coversSince
    window.setRows(identities)
    const isNarrower = window.coversSince > covered
    window.advance(clock.now())
    this.#meter.landed(rows, clock.now())
    observer('loader_committed', { rows: rows.length, files, version: table.version })
    const reused = rows.filter(isReused).length
    if (reused > 0) observer('event_id_reused', { events: reused })
    if (isNarrower) {
      const since = new Date(window.coversSince).toISOString()
      observer('loader_window_narrowed', { since })
    }
  }

  async #openTable(): Promise<LandingDeps> {
    const { lake, landed, clock, bodyMask = null, erasure = null } = this.#deps
    const table = await lake.table(arrivals)
    this.#rowsKnown = (await table.refresh()).version
    await erasure?.load(table)
    const policies = sourcePolicies(this.#options.sources)
    const window = await this.#windows.open(table, policies)
    const writer = await lake.arrivalsWriter()
    return { landed, clock, table, writer, window, policies, bodyMask, erasure }
  }

  /** Tries again until it works or the loader stops; only a fatal error ends it. */
  #persist<T>(task: () => Promise<T>): Promise<T> {
    return persist(this.#retries, task, this.#stopping.signal)
  }

  /** Beside the commits, one at a time; never holds them up. */
  #startUpkeep(): void {
    const { clock, lake, observer } = this.#deps
    if (this.#upkeep !== null || clock.elapsed() - this.#upkeepAt < UPKEEP_EVERY_MS) return
    this.#upkeep = lake
      .runUpkeep(this.#stopping.signal)
      .then(
        (reports) => {
          for (const { table, refusedRemovals: objects } of reports)
            if (objects > 0) observer('lake_removal_refused', { table, objects })
        },
        (error: unknown) => observer('lake_upkeep_failed', { reason: errorText(error) }),
      )
      .then(() => {
        this.#upkeepAt = clock.elapsed()
        this.#upkeep = null
      })
  }
}

/** By itself: made for each batch anew, it would be compiled for each anew. */
function isReused({ reason }: Arrival): boolean {
  return reason === 'id_reused'
}
