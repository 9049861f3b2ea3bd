/**
 * Functions of texts in JavaScript that SQL can call: for what SQL cannot say, such as walking
 * through JSON by rules. Rows come in vectors, on the thread of JavaScript, while the statement
 * waits: for the few rows that need it.
 */
import type { DuckDBConnection } from '@duckdb/node-api'
import { DuckDBScalarFunction, VARCHAR } from '@duckdb/node-api'

export interface TextFunction {
  readonly name: string
  /** How many texts it takes. */
  readonly parameters: number
  /** Must not throw: DuckDB gives an engine up for less. Null is SQL's NULL. */
  readonly of: (texts: readonly (string | null)[]) => string | null
}

/** Defines it for every connection of the engine, until that is closed. */
export function defineTextFunction(connection: DuckDBConnection, define: TextFunction): void {
  const { name, parameters, of } = define
  connection.registerScalarFunction(
    DuckDBScalarFunction.create({
      name,
      returnType: VARCHAR,
      parameterTypes: Array.from({ length: parameters }, () => VARCHAR),
      // Without it a NULL among the texts would be the result.
      specialHandling: true,
      mainFunction(_info, input, output) {
        const columns = Array.from({ length: parameters }, (_, at) => input.getColumnVector(at))
        for (let row = 0; row < input.rowCount; row++)
          output.setItem(row, of(columns.map((column) => textOrNull(column.getItem(row)))))
        output.flush()
      },
    }),
  )
}

function textOrNull(value: unknown): string | null {
  return typeof value === 'string' ? value : null
}
