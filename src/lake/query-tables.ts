/**
 * The tables and views of a lake, for one engine: each is defined once a statement asks for it,
 * because its files must then be on the local disk.
 *
 * Guarantee: a table that is defined holds exactly the files of the version that it had when this
 * was opened. One that is not defined does not exist for a statement: it fails, and never finds a
 * table empty that is not.
 */
import type { DuckDBConnection } from '@duckdb/node-api'
import { InletError } from '../core/errors.ts'
import type { JoinedView, Table, View } from '../tables/table.ts'
import { readCheckpoint } from './delta/checkpoint.ts'
import { tableKey } from './delta/delta-table.ts'
import { openLog } from './delta/read-log.ts'
import type { SqlEngine } from './sql/duckdb.ts'
import { identifier, qualified } from './sql/quote.ts'
import { tableSelect } from './sql/table-view.ts'
import type { Lease, ObjectStore } from './store/object-store.ts'

export interface QueryTablesOptions {
  readonly tables: readonly Table[]
  readonly views: readonly View[]
  readonly joined?: readonly JoinedView[]
}

interface Known {
  readonly table: Table
  readonly keys: readonly string[]
  /** Of Delta; one beyond 1 has rows otherwise than its files alone tell. */
  readonly reader: number
  /** `shape`: its columns and no rows. */
  defined: 'no' | 'shape' | 'rows'
}

export async function openQueryTables(
  deps: { store: ObjectStore; engine: SqlEngine },
  options: QueryTablesOptions,
): Promise<QueryTables> {
  const { store, engine } = deps
  const known: Known[] = []
  for (const table of options.tables) {
    const layer = identifier(table.name.slice(0, table.name.indexOf('.')))
    await engine.run(`CREATE SCHEMA IF NOT EXISTS ${layer}`)
    known.push({ table, ...(await liveFiles(store, engine, table)), defined: 'no' })
  }
  return new QueryTables({ engine, lease: store.lease() }, known, options)
}

export class QueryTables {
  readonly #engine: SqlEngine
  readonly #lease: Lease
  readonly #known: readonly Known[]
  readonly #views: readonly View[]
  readonly #joined: readonly JoinedView[]
  /** They bind when they are asked: tables beneath them may come and go. */
  readonly #joinedThere = new Set<JoinedView>()

  constructor(
    deps: { engine: SqlEngine; lease: Lease },
    known: readonly Known[],
    { views, joined = [] }: Pick<QueryTablesOptions, 'views' | 'joined'>,
  ) {
    this.#engine = deps.engine
    this.#lease = deps.lease
    this.#known = known
    this.#views = views
    this.#joined = joined
  }

  /** Where all files of all tables are, or will be. */
  paths(): string[] {
    return this.#known.flatMap(({ keys }) => keys.map((key) => this.#lease.pathOf(key)))
  }

  /** Defines what the statement names, or may: all whose name stands in it where none is told. */
  async defineFor(connection: DuckDBConnection, sql: string): Promise<void> {
    if (/^\s*(SHOW|DESCRIBE|DESC)\b/i.test(sql)) return this.#defineShapes()
    await this.#dropShapes()
    const names = connection.getTableNames(sql, false).map((name) => name.toLowerCase())
    const text = sql.toLowerCase()
    await this.#define((name) => (names.length === 0 ? text.includes(name) : names.includes(name)))
    // What it names itself has its rows by now.
    if (names.length === 0 && text.includes('information_schema')) await this.#defineShapes()
  }

  /**
   * True where a statement that failed is to be asked again: what it missed is defined, or, where
   * the lake has no such table, the shapes of all that it has, so that DuckDB names the nearest.
   */
  async defineMissing(error: unknown): Promise<boolean> {
    const text = error instanceof Error ? error.message : ''
    const missing = /with name (\S+) does not exist/.exec(text)?.[1]
    if (missing === undefined) return false
    if (this.#has(lastPart(missing)))
      return (await this.#define((name) => name === lastPart(missing))) > 0
    await this.#defineShapes()
    return true
  }

  release(): void {
    this.#lease.release()
  }

  /** Those of which the table or a view is wanted by its name without a schema, in lower case. */
  async #define(isWanted: (name: string) => boolean): Promise<number> {
    const joined = this.#joined.filter(({ name }) => isWanted(lastPart(name)))
    const beneath = new Set(joined.flatMap(({ tables }) => tables))
    let count = 0
    for (const one of this.#known) {
      const names = [one.table, ...this.#viewsOf(one.table)].map(({ name }) => lastPart(name))
      const wanted = beneath.has(one.table) || names.some(isWanted)
      if (one.defined === 'rows' || !wanted) continue
      const { table, reader } = one
      if (reader > 1) throw new InletError('INL_LAK_READER', { table: tableKey(table), reader })
      await this.#create(one.table, await this.#lease.bring(one.keys))
      one.defined = 'rows'
      count++
    }
    return count + (await this.#createJoined(joined))
  }

  async #defineShapes(): Promise<void> {
    for (const one of this.#known) {
      if (one.defined !== 'no') continue
      await this.#create(one.table, [])
      one.defined = 'shape'
    }
    await this.#createJoined(this.#joined)
  }

  /** How many were not there. */
  async #createJoined(joined: readonly JoinedView[]): Promise<number> {
    const missing = joined.filter((view) => !this.#joinedThere.has(view))
    for (const view of missing) {
      await this.#engine.run(`CREATE VIEW ${qualified(view.name)} AS ${view.select}`)
      this.#joinedThere.add(view)
    }
    return missing.length
  }

  async #create(table: Table, paths: readonly string[]): Promise<void> {
    await this.#engine.run(`CREATE VIEW ${qualified(table.name)} AS ${tableSelect(table, paths)}`)
    for (const { name, table: base, where } of this.#viewsOf(table))
      await this.#engine.run(
        `CREATE VIEW ${qualified(name)} AS FROM ${qualified(base.name)} WHERE ${where}`,
      )
  }

  async #dropShapes(): Promise<void> {
    for (const one of this.#known) {
      if (one.defined !== 'shape') continue
      for (const { name } of [...this.#viewsOf(one.table), one.table])
        await this.#engine.run(`DROP VIEW ${qualified(name)}`)
      one.defined = 'no'
    }
  }

  #has(wanted: string): boolean {
    const all = [...this.#known.map(({ table }) => table), ...this.#views, ...this.#joined]
    return all.some(({ name }) => lastPart(name) === wanted)
  }

  #viewsOf(table: Table): View[] {
    return this.#views.filter((view) => view.table.name === table.name)
  }
}

async function liveFiles(
  store: ObjectStore,
  engine: SqlEngine,
  table: Table,
): Promise<Pick<Known, 'keys' | 'reader'>> {
  const key = tableKey(table)
  const deps = { store, readCheckpoint: (path: string) => readCheckpoint(engine, path) }
  const state = await openLog(deps, key)
  const keys = state ? [...state.files.keys()].map((file) => `${key}/${file}`) : []
  return { keys, reader: state?.protocol?.minReaderVersion ?? 1 }
}

function lastPart(name: string): string {
  return name.slice(name.lastIndexOf('.') + 1).toLowerCase()
}
