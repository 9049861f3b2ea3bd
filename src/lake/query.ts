/**
 * Read-only SQL over the lake, for people and for the read API.
 *
 * The tables are views over exactly the files of one version each, taken when the query session was
 * opened. What may run is one statement that only reads, by DuckDB's own parser, and DuckDB itself
 * is closed off: of the file system it can open the files of those versions and nothing else, it
 * loads no extension, and its configuration is locked.
 *
 * Only the tables that a statement names are brought to this machine (./query-tables.ts).
 *
 * Limits: a result is held in memory as a whole; a session sees no later commit; files that vacuum
 * has removed since (after two days) are missing from it.
 */
import type {
  DuckDBConnection,
  DuckDBExtractedStatements,
  DuckDBPreparedStatement,
} from '@duckdb/node-api'
import { StatementType } from '@duckdb/node-api'
import { InletError } from '../core/errors.ts'
import type { QueryResult } from './query-result.ts'
import { readResult } from './query-result.ts'
import { openQueryTables, type QueryTables, type QueryTablesOptions } from './query-tables.ts'
import type { SqlOptions } from './sql/duckdb.ts'
import { openSqlEngine } from './sql/duckdb.ts'
import { lostFileError } from './sql/lost-file.ts'
import { literals } from './sql/quote.ts'
import type { ObjectStore } from './store/object-store.ts'

export type QueryOptions = SqlOptions & QueryTablesOptions

export interface QuerySession {
  /**
   * Rejects with INL_LAK_QUERY_REFUSED for what may not run and INL_LAK_QUERY_FAILED for what
   * cannot, INL_LAK_FILE where the lake has lost a file; with the signal's reason once it aborts.
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
    const tables = await openQueryTables({ store: deps.store, engine }, options)
    await engine.run(`SET allowed_paths = ${literals(tables.paths())}`)
    await engine.run('SET enable_external_access = false')
    await engine.run('SET lock_configuration = true')
    const connection = await engine.connect()
    return {
      query: (sql, signal) => runQuery({ connection, tables }, sql, signal),
      close() {
        engine.close()
        tables.release()
      },
    }
  } catch (error) {
    engine.close()
    throw error
  }
}

/** Of itself it lists a schema that no table is in. */
const listsTables = /^\s*SHOW\s+TABLES\s*;?\s*$/i
const qualifiedNames = `SELECT schema || '.' || name AS "table" FROM (SHOW ALL TABLES) ORDER BY ALL`

async function runQuery(
  { connection, tables }: { connection: DuckDBConnection; tables: QueryTables },
  sql: string,
  signal?: AbortSignal,
): Promise<QueryResult> {
  signal?.throwIfAborted()
  const interrupt = () => connection.interrupt()
  signal?.addEventListener('abort', interrupt, { once: true })
  try {
    await extractOne(connection, sql)
    await tables.defineFor(connection, sql)
    const asked = listsTables.test(sql) ? qualifiedNames : sql
    return await runReading(connection, asked, signal).catch(async (error: unknown) => {
      if (signal?.aborted || !(await tables.defineMissing(error))) throw error
      return runReading(connection, asked, signal)
    })
  } catch (error) {
    signal?.throwIfAborted()
    throw explained(error)
  } finally {
    signal?.removeEventListener('abort', interrupt)
  }
}

async function runReading(
  connection: DuckDBConnection,
  sql: string,
  signal?: AbortSignal,
): Promise<QueryResult> {
  const statement = await prepareReading(connection, sql)
  signal?.throwIfAborted()
  // Once started, an interrupt is not lost, even one that comes before the first task has run.
  return readResult(await statement.start().readAll())
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
  return (await extractOne(connection, sql)).prepare(0)
}

async function extractOne(
  connection: DuckDBConnection,
  sql: string,
): Promise<DuckDBExtractedStatements> {
  if (sql.includes('\0')) throw new InletError('INL_LAK_QUERY_REFUSED', { reason: 'it holds NUL' })
  const statements = await connection.extractStatements(sql)
  if (statements.count === 1) return statements
  const reason = `it is ${statements.count} statements`
  throw new InletError('INL_LAK_QUERY_REFUSED', { reason })
}

function explained(cause: unknown): unknown {
  const error = lostFileError(cause)
  if (error instanceof InletError) return error
  const reason = error instanceof Error ? error.message.trim() : String(error)
  if (reason.startsWith('Permission Error'))
    return new InletError('INL_LAK_QUERY_REFUSED', { reason }, error)
  // DuckDB finds no statement in a text that is empty or all comment, and says no more than this.
  if (reason === 'Error in native callback')
    return new InletError('INL_LAK_QUERY_REFUSED', { reason: 'it is empty' }, error)
  return new InletError('INL_LAK_QUERY_FAILED', { reason }, error)
}
