/**
 * Brings the tables of gold to where the tables they follow stand, step by step.
 *
 * What a crash does: before a table's commit nothing of the step is visible in it, and what was
 * published is vacuumed; after it the table goes on behind the step. Each table has a progress of
 * its own. Where the options that its rows rest on are others than those that it was made with, a
 * table is emptied and made anew, but for what can no more be counted (./kept-days.ts).
 */
import { InletError } from '../../core/errors.ts'
import type { Files } from '../../core/files.ts'
import type { Random } from '../../core/random.ts'
import type { TxnStep } from '../../lake/delta/commit.ts'
import type { SqlEngine } from '../../lake/sql/duckdb.ts'
import type { ObjectStore } from '../../lake/store/object-store.ts'
import { withLeases } from '../../lake/store/with-leases.ts'
import type { Observer } from '../../observe/events.ts'
import type { Table } from '../../tables/table.ts'
import { appId } from '../places.ts'
import type { LayerMeter } from '../progress/layer-meter.ts'
import { markOf } from '../progress/marks.ts'
import {
  firstPositions,
  nextStep,
  type PositionRange,
  positionsIn,
  type Standing,
  standingOf,
} from '../progress/standing.ts'
import { kindOfFailure, OUT_OF_MEMORY } from '../silver/failure.ts'
import { isKept, keptBefore, keptStep, withoutKept } from './kept-days.ts'
import type { GoldOptions } from './queue-intervals.ts'
import type { GoldTable } from './refresh.ts'
import { keptAgentIntervals } from './refresh-agents.ts'
import { keptBooks } from './refresh-books.ts'
import { keptConversations } from './refresh-conversations.ts'
import { keptQueueIntervals } from './refresh-intervals.ts'
import { replaceRows } from './replace.ts'
import { discardWork, type GoldTables, type GoldTarget, Sources } from './sources.ts'

export interface GoldDeps {
  /** The table to read or write; of gold also one in the making. */
  readonly table: (definition: Table) => Promise<GoldTarget>
  readonly store: ObjectStore
  readonly engine: SqlEngine
  readonly files: Files
  readonly random: Random
  readonly observer: Observer
}

export interface GoldRoundsOptions {
  readonly gold: GoldOptions
  /** A folder for files in the making, on the store's file system. */
  readonly scratch: string
}

/** In the order in which they are brought forward. */
export const goldenTables: readonly GoldTable[] = [
  keptConversations,
  keptQueueIntervals,
  keptAgentIntervals,
  keptBooks,
]

/** What a step takes at most, so that a backlog fits. */
const mostPositions = 1_000_000
/** The share of a step that is tried next where memory was too small for it. */
const LESS = 1 / 4

/** The application that says with which options the rows of a table were made. */
const OPTIONS_APP = 'inlet/gold-options'

export class GoldRounds {
  readonly #deps: GoldDeps & { readonly meter: LayerMeter }
  readonly #options: GoldRoundsOptions
  #opened: GoldTables | null = null
  /** As many positions as memory is known to hold, and more after each step that it held. */
  #most = mostPositions

  constructor(deps: GoldDeps & { readonly meter: LayerMeter }, options: GoldRoundsOptions) {
    this.#deps = deps
    this.#options = options
  }

  /** Until every table stands where what it follows stood, or `signal` aborts. */
  async run(signal: AbortSignal): Promise<void> {
    this.#opened ??= await this.#open()
    const tables = this.#opened
    for (const table of tables.values()) await table.refresh()
    for (const golden of goldenTables) {
      await this.#matchOptions(golden, tables)
      do this.#measure(tables)
      while (!signal.aborted && (await this.#advance(golden, tables)))
    }
  }

  async #open(): Promise<GoldTables> {
    const wanted = new Set(goldenTables.flatMap(({ table, follows }) => [table, ...follows]))
    const tables = new Map<Table, GoldTarget>()
    for (const table of wanted) tables.set(table, await this.#deps.table(table))
    return tables
  }

  #step(golden: GoldTable, tables: GoldTables): readonly PositionRange[] {
    const leader = leastOf(golden.follows.map((table) => standingAt(own(table, tables))))
    const table = own(golden.table, tables)
    const follower = { name: golden.table.name, standing: standingAt(table) }
    return nextStep(leader, [follower])?.ranges ?? []
  }

  #measure(tables: GoldTables): void {
    const left = goldenTables.map((golden) => positionsIn(this.#step(golden, tables)))
    this.#deps.meter.isBehind(left.reduce((sum, one) => sum + one))
  }

  /** One step. False where there was none to take. */
  async #advance(golden: GoldTable, tables: GoldTables): Promise<boolean> {
    const ranges = firstPositions(this.#step(golden, tables), this.#most)
    if (ranges.length === 0) return false
    const { engine, store, observer, meter } = this.#deps
    const table = own(golden.table, tables)
    try {
      const { committed, rows, files } = await withLeases(store, async (objects) => {
        const deps = { ...this.#deps, objects }
        const sources = new Sources({ ...deps, tables, ranges })
        const refreshed = await golden.refresh(sources, this.#options.gold)
        const replacement = await withoutKept(sources, golden, refreshed)
        const steps = ranges.map((range) => txnStep(table, range))
        const txns = [...steps, ...(replacement?.marks ?? [])]
        const job = { table, key: golden.key, replacement, txns, folder: this.#options.scratch }
        return replaceRows(deps, job)
      })
      if (committed) {
        meter.committed(rows)
        const { name } = golden.table
        observer('gold_committed', { table: name, rows, files, version: table.state.version })
      } else await table.refresh()
      this.#most = Math.min(2 * this.#most, mostPositions)
      return true
    } catch (error) {
      // Messages of DuckDB quote values.
      const kind = kindOfFailure(error)
      if (kind === null) throw error
      const failure = new InletError('INL_LDR_GOLD', { table: golden.table.name, kind })
      const taken = positionsIn(ranges)
      if (kind !== OUT_OF_MEMORY || taken === 1) throw failure
      this.#most = Math.ceil(taken * LESS)
      meter.retried()
      observer('gold_retrying', { reason: failure.message, waitMs: 0 })
      return true
    } finally {
      await discardWork(engine)
    }
  }

  async #matchOptions(golden: GoldTable, tables: GoldTables): Promise<void> {
    const table = own(golden.table, tables)
    const made = markOf(golden.restsOn(this.#options.gold))
    const found = table.txn(OPTIONS_APP)
    if (found === made) return
    if (found !== null) await emptied(table, () => keptBefore(golden, (one) => own(one, tables)))
    await table.commit({
      operation: 'SET OPTIONS',
      txns: [{ appId: OPTIONS_APP, from: found, to: made }],
    })
  }
}

function own(table: Table, tables: GoldTables): GoldTarget {
  const found = tables.get(table)
  if (found === undefined) throw new RangeError(`${table.name} is not open`)
  return found
}

function standingAt(table: GoldTarget): Standing {
  return standingOf(table.state.txns)
}

/** How far all of them have come: what one has never heard of, none counts as having. */
export function leastOf(standings: readonly Standing[]): Standing {
  const [first = new Map<string, number>(), ...others] = standings
  return new Map(
    [...first].flatMap(([app, position]) => {
      const least = Math.min(position, ...others.map((other) => other.get(app) ?? 0))
      return least > 0 ? [[app, least] as const] : []
    }),
  )
}

/** A partition that the table has never heard of begins at 0. */
function txnStep(table: GoldTarget, range: PositionRange): TxnStep {
  const id = appId(range)
  const from = table.txn(id) === null && range.from === 0 ? null : range.from
  return { appId: id, from, to: range.to }
}

/** Without rows but those that stay, and at the beginning of every partition. */
async function emptied(table: GoldTarget, keptBefore: () => number | null): Promise<void> {
  for (;;) {
    const first = keptBefore()
    const files = [...table.state.files.values()]
    const removes = files.filter((file) => !isKept(file, first))
    const begin = [...standingAt(table)].map(([id, from]) => ({ appId: id, from, to: 0 }))
    const txns = [...begin, ...keptStep(table, first)]
    const result = await table.commit({ operation: 'DELETE', removes, txns })
    if (result.kind === 'committed') return
    await table.refresh()
  }
}
