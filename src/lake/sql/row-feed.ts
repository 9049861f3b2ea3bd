/**
 * Streams rows of this process into a SQL statement, as a table function of its own.
 *
 * DuckDB asks for a chunk, a column at a time, while the statement runs: no row is kept twice, and
 * nothing is parsed. Measured against an appender and a table it saves the copy into the table; a
 * number travels as DOUBLE, which holds whole numbers up to 2^53 and needs no BigInt.
 *
 * Limits: one statement at a time for a feed; it belongs to the connection that it was made for.
 */
import type { DuckDBConnection, DuckDBDataChunk, DuckDBType, DuckDBValue } from '@duckdb/node-api'
import { DuckDBTableFunction, DuckDBVector } from '@duckdb/node-api'

export interface FeedColumn {
  readonly name: string
  readonly type: DuckDBType
  readonly value: (index: number) => DuckDBValue
}

export interface RowFeed {
  /** The call of the table function, to stand in a FROM. */
  readonly table: string
  /** Runs `sql`, in which `table` is a table of these columns, read at most once. */
  run(sql: string, rows: FeedRows): Promise<void>
}

export interface FeedRows {
  readonly columns: readonly FeedColumn[]
  readonly count: number
  /** At most as many are handed over at once: a row group can end only there. */
  readonly rowsPerGroup: number
}

const noRows: FeedRows = { columns: [], count: 0, rowsPerGroup: 1 }

/** `name` is free in the whole engine: functions are not of one connection alone. */
export function openRowFeed(connection: DuckDBConnection, name: string): RowFeed {
  let feeding = noRows
  let next = 0
  const chunkSize = DuckDBVector.standardSize()

  connection.registerTableFunction(
    DuckDBTableFunction.create({
      name,
      bindFunction(info) {
        for (const { name, type } of feeding.columns) info.addResultColumn(name, type)
        info.setCardinality(feeding.count, true)
      },
      initFunction(info) {
        next = 0
        info.setMaxThreads(1)
      },
      mainFunction(_info, chunk) {
        const count = Math.min(chunkSize, feeding.rowsPerGroup, feeding.count - next)
        fillChunk(chunk, feeding.columns, { from: next, count })
        next += count
      },
    }),
  )

  return {
    table: `${name}()`,
    async run(sql, rows) {
      feeding = rows
      try {
        await connection.run(sql)
      } finally {
        feeding = noRows
      }
    },
  }
}

function fillChunk(
  chunk: DuckDBDataChunk,
  columns: readonly FeedColumn[],
  rows: { from: number; count: number },
): void {
  chunk.rowCount = rows.count
  if (rows.count === 0) return
  for (const [index, { value }] of columns.entries()) {
    const vector = chunk.getColumnVector(index)
    for (let row = 0; row < rows.count; row++) vector.setItem(row, value(rows.from + row))
    vector.flush()
  }
}
