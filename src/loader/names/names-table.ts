/** The rows of a table of names: read whole, and put in the place of others in one commit. */
import type { DuckDBConnection } from '@duckdb/node-api'
import type { Files } from '../../core/files.ts'
import type { Random } from '../../core/random.ts'
import type { TxnStep } from '../../lake/delta/commit.ts'
import type { DeltaTable } from '../../lake/delta/delta-table.ts'
import type { SqlEngine } from '../../lake/sql/duckdb.ts'
import { writeParquet } from '../../lake/sql/parquet-writer.ts'
import { identifier } from '../../lake/sql/quote.ts'
import { tableSelect } from '../../lake/sql/table-view.ts'
import type { ObjectStore } from '../../lake/store/object-store.ts'
import { withLeases } from '../../lake/store/with-leases.ts'
import { nameKeys } from '../../tables/names.ts'
import type { Table } from '../../tables/table.ts'
import type { NameRow } from './compare.ts'

export interface NamesTableDeps {
  readonly store: ObjectStore
  readonly engine: SqlEngine
  readonly files: Files
  readonly random: Random
}

/** A table of the engine, for as long as rows are written. */
const WORK = 'inlet_names'

/** The columns that say something of a thing. */
export function saidColumns({ columns }: Table): string[] {
  const keys: ReadonlySet<string> = new Set(nameKeys)
  return columns.map(({ name }) => name).filter((name) => !keys.has(name))
}

export async function readNames(deps: NamesTableDeps, table: DeltaTable): Promise<NameRow[]> {
  const said = saidColumns(table.definition)
  const found = await withLeases(deps.store, async (objects) => {
    const pathOf = (key: string) => objects.localPath(`${table.key}/${key}`)
    const paths = await Promise.all(table.snapshot().files.map(({ key }) => pathOf(key)))
    return deps.engine.rows(`
      SELECT org_id, id, ${said.map(identifier).join(', ')},
        epoch_ms(valid_from)::DOUBLE AS "from", epoch_ms(valid_to)::DOUBLE AS "to"
      FROM (${tableSelect(table.definition, paths)}) ORDER BY org_id, id, valid_from, valid_to`)
  })
  return found.map((row) => ({
    orgId: String(row['org_id']),
    id: String(row['id']),
    said: Object.fromEntries(said.map((name) => [name, textOrNull(row[name])])),
    from: Number(row['from']),
    to: row['to'] === null ? null : Number(row['to']),
  }))
}

export interface NamesJob {
  readonly rows: readonly NameRow[]
  /** The version of the table that the rows rest on. */
  readonly asOf: number
  readonly txns: readonly TxnStep[]
  /** A folder on the file system of the store. */
  readonly folder: string
}

/** False where another writer was quicker: nothing changed. */
export async function replaceNames(
  deps: NamesTableDeps,
  table: DeltaTable,
  { rows, asOf, txns, folder }: NamesJob,
): Promise<boolean> {
  const { definition } = table
  await deps.engine.use((connection) => fill(connection, definition, rows))
  const columns = definition.columns.map(({ name, type }) =>
    type === 'TIMESTAMPTZ'
      ? `make_timestamptz(1000 * ${identifier(name)}) AS ${identifier(name)}`
      : identifier(name),
  )
  const select = `SELECT ${columns.join(', ')} FROM ${WORK} ORDER BY org_id, id, ${WORK}.valid_from`
  const file = await writeParquet(deps, { table: definition, select, partitionValues: {}, folder })
  try {
    await deps.engine.run(`DROP TABLE ${WORK}`)
    const adds = await table.publish(file.rows === 0 ? [] : [file])
    const removes = table.snapshot().files
    const change = { operation: 'WRITE', adds, removes, txns, rowsAsOf: asOf }
    const { kind } = await table.commit({ ...change, metrics: { numOutputRows: file.rows } })
    if (kind !== 'committed')
      for (const { key } of adds) await deps.store.remove(`${table.key}/${key}`)
    return kind === 'committed'
  } finally {
    if ((await deps.files.stat(file.localPath)) !== null) await deps.files.remove(file.localPath)
  }
}

/** By an appender, so that no text of a listing stands in a statement. */
async function fill(
  connection: DuckDBConnection,
  { columns }: Table,
  rows: readonly NameRow[],
): Promise<void> {
  const typed = columns.map(({ name, type }) => {
    return `${identifier(name)} ${type === 'TIMESTAMPTZ' ? 'BIGINT' : type}`
  })
  await connection.run(`CREATE OR REPLACE TABLE ${WORK} (${typed.join(', ')})`)
  const appender = await connection.createAppender(WORK)
  for (const { orgId, id, said, from, to } of rows) {
    const values: Readonly<Record<string, string | number | null>> = {
      ...said,
      ...{ org_id: orgId, id, valid_from: from, valid_to: to },
    }
    for (const { name } of columns) {
      const value = values[name] ?? null
      if (value === null) appender.appendNull()
      else if (typeof value === 'number') appender.appendBigInt(BigInt(Math.trunc(value)))
      else appender.appendVarchar(value)
    }
    appender.endRow()
  }
  appender.closeSync()
}

function textOrNull(value: unknown): string | null {
  return value === null || value === undefined ? null : String(value)
}
