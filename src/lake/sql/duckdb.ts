/**
 * DuckDB, the SQL engine inside this process: in memory, in UTC, with no extension but those built
 * in.
 *
 * Limits: `memoryLimit` bounds its buffers, not all it allocates; larger work spills to `folder`.
 * A failed assertion inside DuckDB makes it refuse all that follows: then the next statement finds
 * it opened anew and empty. What was defined in it is to be defined again, which `opened` tells.
 */
import type { DuckDBConnection } from '@duckdb/node-api'
import { blobValue, DuckDBInstance } from '@duckdb/node-api'
import bindings from '@duckdb/node-bindings'
import { systemRandom } from '../../core/random.ts'
import { lostFileError } from './lost-file.ts'

export interface SqlOptions {
  /** Bytes. */
  readonly memoryLimit: number
  readonly threads: number
  /** Where DuckDB may spill: an absolute path, in a folder that exists. Engines may share it. */
  readonly folder: string
}

export type SqlRow = Readonly<Record<string, unknown>>

export class SqlEngine {
  readonly #options: SqlOptions
  #instance: DuckDBInstance
  #opened = 1
  /** While it is opened anew. */
  #opening: Promise<void> | null = null
  #turn: Promise<unknown> = Promise.resolve()

  constructor(instance: DuckDBInstance, options: SqlOptions) {
    this.#instance = instance
    this.#options = options
  }

  /** How often it was opened. */
  get opened(): number {
    return this.#opened
  }

  /** A connection of its own; the caller closes it. */
  async connect(): Promise<DuckDBConnection> {
    await this.#opening
    return this.#instance.connect()
  }

  /** Another with the same limits, which nobody else uses; the caller closes it. */
  twin(): Promise<SqlEngine> {
    return openSqlEngine(this.#options)
  }

  /** `parameters` are what `$1`, `$2` stand for. */
  async run(sql: string, parameters: readonly Uint8Array[] = []): Promise<void> {
    const values = parameters.map((bytes) => blobValue(bytes))
    await this.use((connection) => connection.run(sql, values))
  }

  /** All rows, BIGINT as bigint, other values as node-api gives them to JavaScript. */
  async rows(sql: string): Promise<SqlRow[]> {
    const reader = await this.use((connection) => connection.runAndReadAll(sql))
    return reader.getRowObjectsJS()
  }

  /**
   * Rows of values of a fixed width, none of them null, a chunk of rows at a time: for each column
   * the words of its values, one behind the other, the lowest first. `widths` counts the words of a
   * value: 1 for UINTEGER, 2 for BIGINT, 4 for UHUGEINT, and for a VARCHAR of up to 12 bytes: its
   * length, then the bytes. The words are there until `visit` returns, and the next chunk is on its
   * way.
   */
  async eachChunkOfWords(
    sql: string,
    widths: readonly number[],
    visit: (columns: readonly Uint32Array[], rows: number) => Promise<void> | undefined,
  ): Promise<void> {
    await this.use(async (connection) => {
      // With less in hand the threads that read stand still whenever the visitor is busy.
      await connection.run("SET streaming_buffer_size = '16MiB'")
      const result = await connection.stream(sql)
      let coming = result.fetchChunk()
      for (;;) {
        const chunk = await coming
        const rows = chunk?.rowCount ?? 0
        if (chunk === null || rows === 0) return
        coming = result.fetchChunk()
        const columns = widths.map((words, column) => {
          const vector = bindings.data_chunk_get_vector(chunk.chunk, column)
          const { buffer, byteOffset } = bindings.vector_get_data(vector, 4 * words * rows)
          return new Uint32Array(buffer, byteOffset, words * rows)
        })
        await visit(columns, rows)
      }
    })
  }

  /**
   * Does a task while the engine has a single thread, for rows so large that two at once would not
   * fit. Such tasks take turns; others go on beside them.
   */
  withOneThread<T>(task: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(async () => {
      await this.run('SET threads = 1')
      try {
        return await task()
      } finally {
        await this.run(`SET threads = ${this.#options.threads}`)
      }
    })
    this.#turn = turn.catch(() => undefined)
    return turn
  }

  /** Rejects with INL_LAK_FILE for a file of the lake that is missing or no Parquet. */
  async use<T>(task: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
    await this.#opening
    const instance = this.#instance
    try {
      const connection = await instance.connect()
      try {
        return await task(connection)
      } finally {
        connection.closeSync()
      }
    } catch (error) {
      if (isGivenUp(error) && this.#instance === instance) await this.#openAnew(instance)
      throw lostFileError(error)
    }
  }

  /** Those who still use what DuckDB has given up keep it until they are done. */
  #openAnew(lost: DuckDBInstance): Promise<void> {
    this.#opening ??= (async () => {
      try {
        this.#instance = await openInstance(this.#options)
        this.#opened++
        lost.closeSync()
      } finally {
        this.#opening = null
      }
    })()
    return this.#opening
  }

  close(): void {
    this.#instance.closeSync()
  }
}

function isGivenUp(error: unknown): boolean {
  return error instanceof Error && error.message.includes('database has been invalidated')
}

/** Statements and their rows: all that writing and keeping files asks of the engine. */
export type SqlRunner = Pick<SqlEngine, 'run' | 'rows' | 'withOneThread'>

export async function openSqlEngine(options: SqlOptions): Promise<SqlEngine> {
  return new SqlEngine(await openInstance(options), options)
}

async function openInstance(options: SqlOptions): Promise<DuckDBInstance> {
  // Engines that spill into one folder overwrite and delete each other's files.
  const ownFolder = `${options.folder}-${systemRandom.uuid()}`
  const instance = await DuckDBInstance.create(':memory:', {
    memory_limit: `${Math.floor(options.memoryLimit / 2 ** 20)}MiB`,
    threads: String(options.threads),
    temp_directory: ownFolder,
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
    allow_community_extensions: 'false',
  })
  const connection = await instance.connect()
  await connection.run("SET GLOBAL TimeZone = 'UTC'")
  connection.closeSync()
  return instance
}
