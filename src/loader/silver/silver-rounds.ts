/**
 * Brings the tables of silver to where bronze stands, slice by slice.
 *
 * What a crash does at each step:
 * - before a table's commit: nothing of the slice is visible in it; what was published is vacuumed
 * - between the commits of two tables: each goes on from where it stands itself
 * - whenever: the slice that was under way is cut into smaller ones, should it be at fault
 */
import type { Clock } from '../../core/clock.ts'
import type { Files } from '../../core/files.ts'
import type { Random } from '../../core/random.ts'
import type { NewFile, TxnStep } from '../../lake/delta/commit.ts'
import type { DeltaTable, WrittenFile } from '../../lake/delta/delta-table.ts'
import type { Lake } from '../../lake/lake.ts'
import type { SqlEngine } from '../../lake/sql/duckdb.ts'
import type { ObjectStore } from '../../lake/store/object-store.ts'
import { withLeases } from '../../lake/store/with-leases.ts'
import type { Observer } from '../../observe/events.ts'
import { arrivals } from '../../tables/arrivals.ts'
import { appId } from '../places.ts'
import { eventsInRanges, type RowsDeps, type RowsInRanges } from '../progress/bronze-rows.ts'
import type { LayerTable } from '../progress/staged-table.ts'
import {
  type Follower,
  firstPositions,
  nextStep,
  type PositionRange,
  positionsIn,
  rangesBetween,
  type Standing,
  type Step,
  standingOf,
} from '../progress/standing.ts'
import { type AttemptNotes, openAttemptNotes } from './attempt-note.ts'
import type { SilverRows } from './event-slice.ts'
import { inStep, isFaultOfEvents } from './failure.ts'
import { type Judgement, type Narrowing, narrowed, passed, toTry } from './narrowing.ts'
import type { SilverMeter } from './silver-meter.ts'
import { closeSlice, leaveOutInvalid, openSlice } from './slice.ts'
import { type Cause, readSpared, type Spared, spare } from './spared.ts'
import type { SilverStatement } from './statements.ts'
import { withRows } from './write-rows.ts'

export interface SilverDeps {
  readonly lake: Lake
  readonly store: ObjectStore
  readonly engine: SqlEngine
  readonly files: Files
  readonly random: Random
  readonly clock: Clock
  readonly observer: Observer
  readonly rows: SilverRows
}

/** What a slice holds at most, whichever comes first; one large body may be more. */
export interface SliceLimits {
  readonly positions: number
  readonly bytes: number
}

const usualLimits: SliceLimits = { positions: 131_072, bytes: 128 * 2 ** 20 }

/** Each is synced by itself. */
const publishedAtOnce = 32

export interface SilverRoundsOptions {
  readonly scratch: string
  readonly limits?: SliceLimits
  /** Tells the notes of attempts apart from those of others. */
  readonly name?: string
}

/** What was committed. */
interface Brought {
  readonly rows: number
  readonly files: number
}

export interface SilverRoundsDeps extends SilverDeps {
  readonly meter: SilverMeter
  /** Each to be brought to where bronze stands. */
  readonly tables: () => Promise<readonly LayerTable[]>
  /** Events that are not to be read. */
  readonly isSpared: (spared: Spared) => boolean
}

/** What a slice has for one table. */
interface SlicePart {
  readonly engine: SqlEngine
  readonly ranges: readonly PositionRange[]
  readonly selects: readonly string[]
  readonly filled: ReadonlySet<string>
}

interface Opened {
  readonly bronze: DeltaTable
  readonly tables: readonly LayerTable[]
}

export class SilverRounds {
  readonly #deps: SilverRoundsDeps
  readonly #scratch: string
  readonly #limits: SliceLimits
  readonly #notes: AttemptNotes
  #opened: Opened | null = null
  #spared: readonly PositionRange[] = []
  #narrowing: Narrowing | null = null

  constructor(deps: SilverRoundsDeps, options: SilverRoundsOptions) {
    const { scratch, limits = usualLimits, name = 'silver' } = options
    this.#deps = deps
    this.#scratch = scratch
    this.#limits = limits
    this.#notes = openAttemptNotes(deps, { folder: scratch, name })
  }

  /** Until every table stands where bronze stood at the call, or `signal` aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const { meter } = this.#deps
    this.#opened ??= await this.#open()
    const { bronze, tables } = this.#opened
    const leader = standingOf((await bronze.refresh()).txns)
    while (!signal.aborted) {
      const followers = tables.map((table) => ({ name: table, standing: standing(table) }))
      const step = nextStep(leader, followers)
      meter.isBehind(behind(leader, followers))
      if (step === null) return
      await this.#advance(step).catch(async (error: unknown) => {
        for (const table of tables) await table.refresh()
        throw error
      })
    }
  }

  async #open(): Promise<Opened> {
    const { lake, store, isSpared } = this.#deps
    const bronze = await lake.table(arrivals)
    const tables = await this.#deps.tables()
    this.#spared = (await readSpared(store)).filter(isSpared).map(({ place }) => place)
    for (const { ranges, failures } of await this.#notes.takeLeft())
      await this.#judge(narrowed(ranges, failures), 'killed')
    return { bronze, tables }
  }

  /** One slice of the step. */
  #advance(step: Step<LayerTable>): Promise<void> {
    const { engine, store } = this.#deps
    return withLeases(store, (objects) => this.#advanceBy({ engine, store: objects }, step))
  }

  async #advanceBy(deps: RowsDeps, step: Step<LayerTable>): Promise<void> {
    const { bronze } = this.#opened ?? (await this.#open())
    const { positions, bytes: mostBytes } = this.#limits
    const ranges = toTry(firstPositions(step.ranges, positions), this.#narrowing)
    const rows = await eventsAtOnce(deps, bronze, { ranges, mostBytes })
    const failures = this.#narrowing?.failures ?? 0
    const end = await this.#notes.begin({ ranges: rows.ranges, failures })
    try {
      await this.#attempt(step.followers, rows, failures)
    } catch (error) {
      if (isFaultOfEvents(error)) await this.#judge(narrowed(rows.ranges, failures), 'failed')
      throw error
    } finally {
      await end()
    }
    if (this.#narrowing !== null) this.#narrowing = passed(this.#narrowing, rows.ranges)
  }

  /** What has failed alone has an engine to itself: it answers for nobody else's memory. */
  async #attempt(
    tables: readonly LayerTable[],
    rows: RowsInRanges,
    failures: number,
  ): Promise<void> {
    const { meter, observer } = this.#deps
    const engine = failures > 0 ? await this.#deps.engine.twin() : this.#deps.engine
    let brought: Brought
    try {
      // A slice is hardly more than what DuckDB gives to one thread: another would wait for it, in
      // a loop that costs as much as the work.
      brought = await engine.withOneThread(() => this.#makeRows(engine, tables, rows))
    } finally {
      if (engine !== this.#deps.engine) engine.close()
    }
    meter.committed(brought.rows)
    observer('silver_committed', { positions: positionsIn(rows.ranges), ...brought })
  }

  async #makeRows(
    engine: SqlEngine,
    tables: readonly LayerTable[],
    rows: RowsInRanges,
  ): Promise<Brought> {
    const { rows: silverRows } = this.#deps
    const brought = { rows: 0, files: 0 }
    try {
      const slice = await inStep('bronze', () => openSlice(engine, rows, this.#spared))
      if (this.#narrowing !== null) await inStep('bronze', () => leaveOutInvalid(engine))
      const reading = () => silverRows.statements(slice)
      const { prepare, statements, discard } = await inStep('their bodies', reading)
      try {
        for (const sql of prepare) await inStep('their bodies', () => engine.run(sql))
        const all = [...statements, ...(await slice.violations())]
        for (const table of tables) {
          const own = all.filter((one) => one.table === table.definition)
          const selects = own.map(({ select }) => slice.withoutErased(table.definition, select))
          const part = { engine, ranges: rows.ranges, selects, filled: filledBy(own) }
          const { rows: made, files } = await this.#bringForward(table, part)
          brought.rows += made
          brought.files += files
        }
      } finally {
        for (const sql of discard) await inStep('their bodies', () => engine.run(sql))
      }
    } finally {
      await inStep('bronze', () => closeSlice(engine))
    }
    return brought
  }

  async #bringForward(table: LayerTable, part: SlicePart): Promise<Brought> {
    const { engine, ranges, selects, filled } = part
    if (selects.length === 0) return await this.#commit(table, ranges, [])
    const select = selects.join(' UNION ALL BY NAME ')
    const job = { table: table.definition, select, filled, folder: this.#scratch }
    return await withRows({ ...this.#deps, engine }, job, (files) =>
      this.#commit(table, ranges, files),
    )
  }

  /** Another loader may have been quicker: then this one goes on behind it. */
  async #commit(
    table: LayerTable,
    ranges: readonly PositionRange[],
    written: readonly WrittenFile[],
  ): Promise<Brought> {
    const adds: NewFile[] = []
    for (let at = 0; at < written.length; at += publishedAtOnce)
      adds.push(...(await table.publish(written.slice(at, at + publishedAtOnce))))
    const rows = written.reduce((sum, file) => sum + file.rows, 0)
    const txns = ranges.map((range) => stepOf(table, range))
    const metrics = { numOutputRows: rows }
    const { kind } = await table.commit({ operation: 'WRITE', adds, txns, metrics })
    if (kind === 'committed') return { rows, files: adds.length }
    for (const { key } of adds) await this.#deps.store.remove(`${table.key}/${key}`)
    await table.refresh()
    return { rows: 0, files: 0 }
  }

  async #judge(judgement: Judgement, cause: Cause): Promise<void> {
    if (judgement.kind === 'narrowed') {
      this.#narrowing = judgement.narrowing
      return
    }
    const { place } = judgement
    await spare(this.#deps.store, { place, cause })
    this.#spared = [...this.#spared, place]
    this.#narrowing = null
    this.#deps.meter.spared()
    const { journalId, partition, from: position } = place
    this.#deps.observer('silver_spared', { journalId, partition, position, cause })
  }
}

/**
 * DuckDB reads JSON 2,048 rows at a time, and every function that does keeps nearly four times
 * their bytes meanwhile: where bodies are large, a slice holds fewer of them.
 */
const rowsOfVector = 2048
const bytesOfVector = 8 * 2 ** 20

async function eventsAtOnce(
  deps: RowsDeps,
  bronze: DeltaTable,
  wanted: Parameters<typeof eventsInRanges>[2],
): Promise<RowsInRanges> {
  const rows = await eventsInRanges(deps, bronze, wanted)
  const inVector = (rows.bytes / positionsIn(rows.ranges)) * rowsOfVector
  if (Math.min(rows.bytes, inVector) <= bytesOfVector) return rows
  return eventsInRanges(deps, bronze, { ...wanted, mostBytes: bytesOfVector })
}

/** The columns that any of the statements fills. */
function filledBy(statements: readonly SilverStatement[]): ReadonlySet<string> {
  const names = ({ table, filled }: SilverStatement) =>
    filled ?? table.columns.map(({ name }) => name)
  return new Set(statements.flatMap((statement) => [...names(statement)]))
}

/** A partition that the table has never heard of begins at 0. */
function stepOf(table: LayerTable, range: PositionRange): TxnStep {
  const id = appId(range)
  const from = table.txn(id) === null && range.from === 0 ? null : range.from
  return { appId: id, from, to: range.to }
}

/** Of the table that is behind most. */
function behind(leader: Standing, followers: readonly Follower<unknown>[]): number {
  const all = followers.map(({ standing: at }) => positionsIn(rangesBetween(at, leader)))
  return Math.max(0, ...all)
}

function standing(table: LayerTable): Standing {
  return standingOf(table.state.txns)
}
