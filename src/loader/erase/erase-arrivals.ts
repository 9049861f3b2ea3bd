/** Erasure in `bronze.arrivals`: rows stay, with their positions and event ids; bodies go. */
import type { DuckDBConnection } from '@duckdb/node-api'
import type { DeltaTable } from '../../lake/delta/delta-table.ts'
import { identifier } from '../../lake/sql/quote.ts'
import { tableSelect } from '../../lake/sql/table-view.ts'
import { idOf } from '../../privacy/subject.ts'
import { arrivals } from '../../tables/arrivals.ts'
import { type ErasedRow, findRows } from './find-rows.ts'
import { type RewriteDeps, type Rewritten, rewriteTable } from './rewrite.ts'
import type { Seek } from './seek.ts'

/** A table of the engine, with a row for every row that was found; for the tables behind. */
export const erasedPlaces = 'inlet_erased'

export interface ErasedArrivals extends Rewritten {
  readonly rows: number
  /** By outcome. */
  readonly outcomes: Readonly<Record<string, number>>
  readonly conversations: number
}

export async function eraseArrivals(
  deps: RewriteDeps,
  table: DeltaTable,
  seek: Seek,
): Promise<ErasedArrivals> {
  const all: ErasedRow[] = []
  const rewritten = await deps.engine.use(async (connection) => {
    await connection.run(createPlaces)
    const change = async (path: string) => {
      const found = await findRows(connection, tableSelect(arrivals, [path]), seek)
      if (found.length === 0) return null
      all.push(...found)
      await remember(connection, found)
      return erasedSelect(path)
    }
    return rewriteTable(deps, table, { change, id: idOf(seek.subject) })
  })
  return { ...rewritten, ...countsOf(all) }
}

/** What `eraseArrivals` would find. */
export async function countArrivals(
  deps: Pick<RewriteDeps, 'engine' | 'store'>,
  table: DeltaTable,
  seek: Seek,
): Promise<ErasedArrivals> {
  const all: ErasedRow[] = []
  let files = 0
  await deps.engine.use(async (connection) => {
    for (const { key } of table.snapshot().files) {
      const path = await deps.store.localPath(`${table.key}/${key}`)
      const found = await findRows(connection, tableSelect(arrivals, [path]), seek)
      all.push(...found)
      if (found.length > 0) files++
    }
  })
  return { files, kept: [], ...countsOf(all) }
}

function countsOf(rows: readonly ErasedRow[]) {
  const outcomes = Object.fromEntries(
    [...Map.groupBy(rows, ({ outcome }) => outcome)].map(([outcome, own]) => [outcome, own.length]),
  )
  const conversations = new Set(rows.flatMap(({ conversationId }) => conversationId ?? [])).size
  return { rows: rows.length, outcomes, conversations }
}

const createPlaces = `CREATE OR REPLACE TABLE ${erasedPlaces} (journal_id VARCHAR,
  journal_partition VARCHAR, position BIGINT, body VARCHAR, body_sha256 VARCHAR, detail VARCHAR,
  conversation_id VARCHAR, topic VARCHAR)`

async function remember(connection: DuckDBConnection, rows: readonly ErasedRow[]): Promise<void> {
  const appender = await connection.createAppender(erasedPlaces)
  const append = (value: string | null) =>
    value === null ? appender.appendNull() : appender.appendVarchar(value)
  for (const row of rows) {
    append(row.journalId)
    append(row.partition)
    appender.appendBigInt(row.position)
    for (const value of [row.body, row.bodySha256, row.detail, row.conversationId, row.topic])
      append(value)
    appender.endRow()
  }
  appender.closeSync()
}

const replaced = ['body', 'body_sha256', 'detail', 'conversation_id', 'topic']

function erasedSelect(path: string): string {
  const instead = (name: string, value: string) =>
    `CASE WHEN erased.position IS NULL THEN row.${identifier(name)} ELSE ${value} END
      AS ${identifier(name)}`
  const columns = arrivals.columns
    .map(({ name }) => name)
    .filter((name) => !arrivals.partitionedBy.includes(name))
    .map((name) => {
      if (name === 'body_bytes') return instead(name, 'NULL')
      return replaced.includes(name) ? instead(name, `erased.${name}`) : `row.${identifier(name)}`
    })
  return `SELECT ${columns.join(', ')} FROM (${tableSelect(arrivals, [path])}) AS row
    LEFT JOIN ${erasedPlaces} AS erased USING (journal_id, journal_partition, position)`
}
