/**
 * Read-only SQL over the lake, for people and for the read API.
 *
 * The tables are views over exactly the files of one version each, taken when the query session was
 * opened. What may run is one statement that only reads, by DuckDB's own parser, and DuckDB itself
 * is closed off: of the file system it can open the files of those versions and nothing else, it
 * loads no extension, and its configuration is locked.
 *
 * Limits: a result is held in memory as a whole; a session sees no later commit; files that vacuum
 * has removed since (after two days) are missing from it.
 */
import type { DuckDBConnection, DuckDBPreparedStatement } from '@duckdb/node-api'
import { StatementType } from '@duckdb/node-api'
import { InletError } from '../core/errors.ts'
import type { Table, View } from '../tables/table.ts'
import { readCheckpoint } from './delta/checkpoint.ts'
import { tableKey } from './delta/delta-table.ts'
import { openLog } from './delta/read-log.ts'
import type { QueryResult } from './query-result.ts'
import { readResult } from './query-result.ts'
import type { SqlEngine, SqlOptions } from './sql/duckdb.ts'
import { openSqlEngine } from './sql/duckdb.ts'
import { identifier, literals, qualified } from './sql/quote.ts'
import { tableSelect } from './sql/table-view.ts'
import type { ObjectStore } from './store/object-store.ts'

export interface QueryOptions extends SqlOptions {
  readonly tables: readonly Table[]
  readonly views: readonly View[]
}

export interface QuerySession {
  /**
   * Rejects with INL_LAK_QUERY_REFUSED for what may not run and INL_LAK_QUERY_FAILED for what
   * cannot; with the signal's reason once it aborts.
   */
  query(sql: string, signal?: AbortSignal): Promise<QueryResult>
  close(): void
}

/** A table that the lake does not have is an empty one. */
export async function openQuery(
  deps: { store: ObjectStore },
  options: QueryOptions,
): Promise<QuerySession> {
  const engine = await openSqlEngine(options)
  try {
    await defineViews(deps.store, engine, options)
    const connection = await engine.connect()
    return {
      query: (sql, signal) => runQuery(connection, sql, signal),
      close: () => engine.close(),
    }
  } catch (error) {
    engine.close()
    throw error
  }
}

async function defineViews(store: ObjectStore, engine: SqlEngine, options: QueryOptions) {
  const allowed: string[] = []
  for (const table of options.tables) {
    const paths = await livePaths(store, engine, table)
    allowed.push(...paths)
    await engine.run(`CREATE SCHEMA IF NOT EXISTS ${identifier(layerOf(table.name))}`)
    await engine.run(`CREATE VIEW ${qualified(table.name)} AS ${tableSelect(table, paths)}`)
  }
  for (const { name, table, where } of options.views)
    await engine.run(
      `CREATE VIEW ${qualified(name)} AS FROM ${qualified(table.name)} WHERE ${where}`,
    )
  await engine.run(`SET allowed_paths = ${literals(allowed)}`)
  await engine.run('SET enable_external_access = false')
  await engine.run('SET lock_configuration = true')
}

async function livePaths(store: ObjectStore, engine: SqlEngine, table: Table): Promise<string[]> {
  const key = tableKey(table)
  const deps = { store, readCheckpoint: (path: string) => readCheckpoint(engine, path) }
  const state = await openLog(deps, key)
  const files = state ? [...state.files.keys()] : []
  return Promise.all(files.map((file) => store.localPath(`${key}/${file}`)))
}

async function runQuery(
  connection: DuckDBConnection,
  sql: string,
  signal?: AbortSignal,
): Promise<QueryResult> {
  signal?.throwIfAborted()
  const interrupt = () => connection.interrupt()
  signal?.addEventListener('abort', interrupt, { once: true })
  try {
    const statement = await prepareReading(connection, sql)
    signal?.throwIfAborted()
    // Once started, an interrupt is not lost, even one that comes before the first task has run.
    return readResult(await statement.start().readAll())
  } catch (error) {
    signal?.throwIfAborted()
    throw explained(error)
  } finally {
    signal?.removeEventListener('abort', interrupt)
  }
}

async function prepareReading(
  connection: DuckDBConnection,
  sql: string,
): Promise<DuckDBPreparedStatement> {
  const statement = await prepareOne(connection, sql)
  if (statement.statementType === StatementType.SELECT) return statement
  // EXPLAIN ANALYZE runs what it explains, so that must be a SELECT by itself.
  const explained = /^\s*EXPLAIN\s+(?:ANALYZE\s+)?(.*)$/is.exec(sql)?.[1]
  if (statement.statementType === StatementType.EXPLAIN && explained !== undefined) {
    const inner = await prepareOne(connection, explained)
    if (inner.statementType === StatementType.SELECT) return statement
  }
  const kind = StatementType[statement.statementType] ?? 'unknown'
  throw new InletError('INL_LAK_QUERY_REFUSED', { reason: `it is a ${kind} statement` })
}

async function prepareOne(
  connection: DuckDBConnection,
  sql: string,
): Promise<DuckDBPreparedStatement> {
  if (sql.includes('\0')) throw new InletError('INL_LAK_QUERY_REFUSED', { reason: 'it holds NUL' })
  const statements = await connection.extractStatements(sql)
  if (statements.count !== 1)
    throw new InletError('INL_LAK_QUERY_REFUSED', {
      reason: `it is ${statements.count} statements`,
    })
  return statements.prepare(0)
}

function explained(error: unknown): unknown {
  if (error instanceof InletError) return error
  const reason = error instanceof Error ? error.message.trim() : String(error)
  if (reason.startsWith('Permission Error'))
    return new InletError('INL_LAK_QUERY_REFUSED', { reason }, error)
  // DuckDB finds no statement in a text that is empty or all comment, and says no more than this.
  if (reason === 'Error in native callback')
    return new InletError('INL_LAK_QUERY_REFUSED', { reason: 'it is empty' }, error)
  return new InletError('INL_LAK_QUERY_FAILED', { reason }, error)
}

function layerOf(name: string): string {
  return name.slice(0, name.indexOf('.'))
}
