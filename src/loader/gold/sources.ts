/**
 * What a table of gold is made of, as SELECTs for one refresh: what is new of a table, and what of
 * it lies in a span of days.
 */
import type { DeltaTable } from '../../lake/delta/delta-table.ts'
import type { DataFile } from '../../lake/delta/table-state.ts'
import type { SqlEngine, SqlRow } from '../../lake/sql/duckdb.ts'
import { literal, qualified } from '../../lake/sql/quote.ts'
import { tableSelect } from '../../lake/sql/table-view.ts'
import type { LocalObjects } from '../../lake/store/with-leases.ts'
import type { Table } from '../../tables/table.ts'
import { inRanges, meets } from '../progress/bronze-rows.ts'
import type { PositionRange } from '../progress/standing.ts'

/** Days as `2026-03-01`, both ends included; left out: without end. */
export interface Days {
  readonly from?: string
  readonly to?: string
}

const workSchema = 'gold_work'

/** A table of the engine that lives for one refresh. */
export function work(name: string): string {
  return qualified(`${workSchema}.${name}`)
}

/** A table, or one in the making. */
export type GoldTarget = Pick<
  DeltaTable,
  'definition' | 'key' | 'state' | 'txn' | 'publish' | 'commit' | 'refresh'
>

export type GoldTables = ReadonlyMap<Table, GoldTarget>

export interface SourcesDeps {
  /** For as long as the rows are read. */
  readonly objects: LocalObjects
  readonly engine: SqlEngine
  readonly tables: GoldTables
  /** The positions that are new. */
  readonly ranges: readonly PositionRange[]
}

export class Sources {
  readonly #deps: SourcesDeps

  constructor(deps: SourcesDeps) {
    this.#deps = deps
  }

  /** The rows of a table that are new; of those of its files that `keep` keeps. */
  changed(definition: Table, keep: (file: DataFile) => boolean = () => true): Promise<string> {
    const { ranges } = this.#deps
    const isNew = meets(ranges)
    return this.where(definition, (file) => isNew(file) && keep(file), inRanges(ranges))
  }

  /** What the log of a table says of it. */
  marks(definition: Table): ReadonlyMap<string, number> {
    return this.#deps.tables.get(definition)?.state.txns ?? new Map()
  }

  /** The rows of a table that are filed under these days. */
  within(definition: Table, days: Days): Promise<string> {
    return this.where(definition, filedIn(days), daysSql(days))
  }

  /** The rows of a table, of those of its files that `keep` keeps. */
  async where(
    definition: Table,
    keep: (file: DataFile) => boolean,
    condition: string,
  ): Promise<string> {
    const { tables, objects } = this.#deps
    const table = tables.get(definition)
    const files = [...(table?.state.files.values() ?? [])].filter(keep)
    const paths = await Promise.all(
      files.map(({ key }) => objects.localPath(`${table?.key}/${key}`)),
    )
    return `SELECT * FROM (${tableSelect(definition, paths)}) WHERE ${condition}`
  }

  run(sql: string): Promise<void> {
    return this.#deps.engine.run(sql)
  }

  /** Makes a work table of a query. */
  async make(name: string, query: string): Promise<void> {
    await this.run(`CREATE SCHEMA IF NOT EXISTS ${workSchema}`)
    await this.run(`CREATE OR REPLACE TABLE ${work(name)} AS ${query}`)
  }

  rows(sql: string): Promise<SqlRow[]> {
    return this.#deps.engine.rows(sql)
  }

  /** The one row of a query. */
  async row(sql: string): Promise<SqlRow> {
    const [row = {}] = await this.#deps.engine.rows(sql)
    return row
  }
}

/** Lets go of all work tables. */
export function discardWork(engine: SqlEngine): Promise<void> {
  return engine.run(`DROP SCHEMA IF EXISTS ${workSchema} CASCADE`)
}

/** Keeps files that hold rows of these days. */
export function filedIn({ from, to }: Days): (file: DataFile) => boolean {
  return ({ partitionValues: { date } }) =>
    date === undefined ||
    date === null ||
    ((from === undefined || date >= from) && (to === undefined || date <= to))
}

function daysSql({ from, to }: Days): string {
  const conditions = [
    ...(from === undefined ? [] : [`date >= ${literal(from)}::DATE`]),
    ...(to === undefined ? [] : [`date <= ${literal(to)}::DATE`]),
  ]
  return ['true', ...conditions].join(' AND ')
}

/** `2026-03-01` and a number of days. */
export function dayPlus(day: string, days: number): string {
  return new Date(Date.parse(day) + days * 86_400_000).toISOString().slice(0, 10)
}
