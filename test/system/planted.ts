/** Looks for planted texts in all that a run left behind, inside of Parquet files as well. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'

/** `file: text` for each that is found. A running Inlet may remove what it has no use for. */
export async function plantedIn(folder: string, planted: readonly string[]): Promise<string[]> {
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  try {
    const found: string[] = []
    for (const path of filesBelow(folder)) {
      const texts = await textsOf(path, connection).catch((error: unknown) => {
        if (path.includes('/.scratch/') || !existsSync(path)) return []
        throw error
      })
      for (const text of planted)
        if (texts.some((one) => one.includes(text))) found.push(`${path}: ${text}`)
    }
    return found
  } finally {
    connection.closeSync()
    instance.closeSync()
  }
}

async function textsOf(path: string, connection: DuckDBConnection): Promise<string[]> {
  const texts = [readFileSync(path).toString('latin1')]
  if (path.endsWith('.parquet')) texts.push(await parquetText(path, connection))
  return texts
}

async function parquetText(path: string, connection: DuckDBConnection): Promise<string> {
  const quoted = `'${path.replaceAll("'", "''")}'`
  const [rows, metadata] = [`read_parquet(${quoted})`, `parquet_metadata(${quoted})`]
  const read = async (sql: string) => (await connection.runAndReadAll(sql)).getRowsJson()
  return JSON.stringify([await read(`FROM ${rows}`), await read(`FROM ${metadata}`)])
}

function filesBelow(folder: string): string[] {
  return namesIn(folder).flatMap((name) => {
    const path = join(folder, name)
    const stat = statSync(path, { throwIfNoEntry: false })
    return stat?.isDirectory() ? filesBelow(path) : stat === undefined ? [] : [path]
  })
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch (error) {
    if (!existsSync(folder)) return []
    throw error
  }
}
