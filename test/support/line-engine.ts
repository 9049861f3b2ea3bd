/**
 * Stands in for DuckDB where a simulated disk is the only one there is: its "Parquet" is JSON
 * lines. It knows the statements of upkeep and of checkpoints; any other is an error.
 */
import type { Files } from '../../src/core/files.ts'
import type { SqlRow, SqlRunner } from '../../src/lake/sql/duckdb.ts'

export function lineEngine(files: Files): SqlRunner {
  return {
    async run(sql) {
      await copy(files, sql)
    },
    withOneThread: (task) => task(),
    async rows(sql): Promise<SqlRow[]> {
      if (sql.startsWith('COPY')) return [await copy(files, sql)]
      const [path] = pathsIn(sql)
      if (path === undefined) throw new Error(`cannot run ${sql}`)
      const lines = linesOf(await files.readAll(path))
      return sql.includes('to_json') ? lines.map((line) => ({ line })) : [{ rows: lines.length }]
    },
  }
}

/** What DuckDB tells of the file with RETURN_STATS, but for the columns, which are none here. */
async function copy(files: Files, sql: string): Promise<SqlRow> {
  const [, from, to] = /^COPY \(FROM (.*?)\) TO '([^']+)' \(FORMAT/s.exec(sql) ?? []
  if (from === undefined || to === undefined) throw new Error(`cannot run ${sql}`)
  const parts: Buffer[] = []
  for (const path of pathsIn(from)) parts.push(await files.readAll(path))
  const bytes = Buffer.concat(parts)
  await writeUnsynced(files, to, bytes)
  return { filename: to, count: linesOf(bytes).length, file_size_bytes: bytes.length }
}

export function linesOf(bytes: Buffer): string[] {
  return bytes
    .toString()
    .split('\n')
    .filter((line) => line !== '')
}

/** As DuckDB leaves a file: closed, and durable only once somebody syncs it. */
export async function writeUnsynced(files: Files, path: string, bytes: Uint8Array): Promise<void> {
  const file = await files.open(path, 'create')
  await file.write(bytes, 0)
  await file.close()
}

function pathsIn(sql: string): string[] {
  return [...sql.matchAll(/'(\/[^']+)'/g)].map(([, path = '']) => path)
}
