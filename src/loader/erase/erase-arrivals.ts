/** Erasure in `bronze.arrivals`: rows stay, with their positions and event ids; bodies go. */
import type { DuckDBConnection } from '@duckdb/node-api'
import type { DeltaTable } from '../../lake/delta/delta-table.ts'
import type { SqlEngine } from '../../lake/sql/duckdb.ts'
import { identifier } from '../../lake/sql/quote.ts'
import { tableSelect } from '../../lake/sql/table-view.ts'
import { idOf } from '../../privacy/subject.ts'
import { arrivals } from '../../tables/arrivals.ts'
import { type ErasedRow, findRows } from './find-rows.ts'
import type { Rewrite, RewriteDeps, Rewritten } from './rewrite.ts'
import { isErased, type Seek } from './seek.ts'

/** A table of the engine, with a row for every place that is or was erased; for tables behind. */
export const erasedPlaces = 'inlet_erased'

export interface ErasedArrivals extends Rewritten {
  readonly rows: number
  /** By outcome. */
  readonly outcomes: Readonly<Record<string, number>>
  readonly conversations: number
}

export function eraseArrivals(
  deps: RewriteDeps & { readonly rewrite: Rewrite },
  table: DeltaTable,
  seek: Seek,
): Promise<ErasedArrivals> {
  const all = new Map<string, ErasedRow>()
  return deps.engine.use(async (connection) => {
    const find = (path: string) => findRows(connection, tableSelect(arrivals, [path]), seek)
    await connection.run(createPlaces)
    const rewritten = await deps.rewrite(deps, table, {
      id: idOf(seek.subject),
      concerns: async (path) => (await find(path)).length > 0,
      async select(path) {
        // Silver may still have what an erasure that broke off has taken out of bronze.
        await connection.run(rememberErased(path))
        const found = await find(path)
        if (found.length === 0) return null
        for (const row of found) all.set(`${row.journalId}/${row.partition}/${row.position}`, row)
        await remember(connection, found)
        return erasedSelect(path)
      },
    })
    return { ...rewritten, ...countsOf([...all.values()]) }
  })
}

function countsOf(rows: readonly ErasedRow[]) {
  const outcomes = Object.fromEntries(
    [...Map.groupBy(rows, ({ outcome }) => outcome)].map(([outcome, own]) => [outcome, own.length]),
  )
  const conversations = new Set(rows.flatMap(({ conversationId }) => conversationId ?? [])).size
  return { rows: rows.length, outcomes, conversations }
}

const place = ['journal_id', 'journal_partition', 'position'] as const
const replaced = ['body', 'body_sha256', 'detail', 'conversation_id', 'topic', 'headers'] as const

const createPlaces = `CREATE OR REPLACE TABLE ${erasedPlaces} (journal_id VARCHAR,
  journal_partition VARCHAR, position BIGINT, is_new BOOLEAN,
  ${replaced.map((name) => `${name} VARCHAR`).join(', ')})`

const rememberErased = (path: string) => `INSERT INTO ${erasedPlaces}
  SELECT ${place.join(', ')}, false, ${replaced.map(() => 'NULL').join(', ')}
  FROM (${tableSelect(arrivals, [path])}) WHERE ${isErased}`

async function remember(connection: DuckDBConnection, rows: readonly ErasedRow[]): Promise<void> {
  const appender = await connection.createAppender(erasedPlaces)
  const append = (value: string | null) =>
    value === null ? appender.appendNull() : appender.appendVarchar(value)
  for (const row of rows) {
    append(row.journalId)
    append(row.partition)
    appender.appendBigInt(row.position)
    appender.appendBoolean(true)
    const { body, bodySha256, detail, conversationId, topic, headers } = row
    for (const value of [body, bodySha256, detail, conversationId, topic, headers]) append(value)
    appender.endRow()
  }
  appender.closeSync()
}

export interface ErasedPlace {
  readonly journal_id: string
  readonly journal_partition: string
  readonly position: number
}

/** Of every event that is or was erased. To be called behind `eraseArrivals`. */
export async function readErasedPlaces(engine: SqlEngine): Promise<ErasedPlace[]> {
  const rows = await engine.rows(`SELECT DISTINCT ${place.join(', ')} FROM ${erasedPlaces}`)
  return rows.map((row) => ({
    journal_id: String(row['journal_id']),
    journal_partition: String(row['journal_partition']),
    position: Number(row['position']),
  }))
}

function erasedSelect(path: string): string {
  const instead = (name: string, value: string) =>
    `CASE WHEN erased.position IS NULL THEN row.${identifier(name)} ELSE ${value} END
      AS ${identifier(name)}`
  const columns = arrivals.columns
    .map(({ name }) => name)
    .filter((name) => !arrivals.partitionedBy.includes(name))
    .map((name) => {
      if (name === 'body_bytes') return instead(name, 'NULL')
      const isReplaced = replaced.some((one) => one === name)
      return isReplaced ? instead(name, `erased.${name}`) : `row.${identifier(name)}`
    })
  return `SELECT ${columns.join(', ')} FROM (${tableSelect(arrivals, [path])}) AS row
    LEFT JOIN (SELECT DISTINCT * FROM ${erasedPlaces} WHERE is_new) AS erased
    USING (${place.join(', ')})`
}
