/**
 * Reads the rows of silver tables in the order of their journal positions, for sinks.
 *
 * What a table tells as reached (`txn`) is complete below it, so that nothing is missed; rows that
 * `rebuild` writes again have the same positions, so that nothing is sent twice. Rows that were
 * removed, by retention or erasure, before a sink came to them are not sent.
 */
import type { DeltaTable } from '../lake/delta/delta-table.ts'
import { spanOf } from '../lake/delta/statistics.ts'
import type { SqlEngine } from '../lake/sql/duckdb.ts'
import { identifier, literal } from '../lake/sql/quote.ts'
import { tableSelect } from '../lake/sql/table-view.ts'
import type { ObjectStore } from '../lake/store/object-store.ts'
import type { Column, Table } from '../tables/table.ts'
import type { SinkRow, Stream, Stretch } from './sink.ts'

export interface ReadLake {
  /** Null where the lake does not have the table yet. */
  readonly find: (table: Table) => Promise<DeltaTable | null>
  readonly engine: Pick<SqlEngine, 'rows'>
  readonly store: Pick<ObjectStore, 'lease'>
}

export interface FeedDeps {
  /** Null where there is no lake yet; the same one each time. */
  readonly open: () => Promise<ReadLake | null>
}

/** A stream, and the position behind its last complete row. */
export interface ReachedStream extends Stream {
  readonly to: number
}

export class Feed {
  readonly #deps: FeedDeps
  readonly #tables = new Map<string, DeltaTable>()

  constructor(deps: FeedDeps) {
    this.#deps = deps
  }

  /** The streams of a table as it stands; none where there is no such table yet. */
  async streams(table: Table): Promise<ReachedStream[]> {
    const lake = await this.#deps.open()
    const open = this.#tables.get(table.name) ?? (await lake?.find(table)) ?? null
    if (open === null) return []
    this.#tables.set(table.name, open)
    const { txns } = await open.refresh()
    return [...txns].flatMap(([appId, to]) => {
      const [, journalId, partition] = /^inlet\/([^/]+)\/(.+)$/.exec(appId) ?? []
      if (journalId === undefined || partition === undefined) return []
      return [{ table, journalId, partition, to }]
    })
  }

  /**
   * The rows of a stream from a position on: `most` of them, or all of one position where it has
   * more. To be called after `streams`.
   */
  async read(stream: ReachedStream, from: number, most: number): Promise<Stretch> {
    const { to, ...rest } = stream
    const place = { ...rest, from }
    const open = this.#tables.get(stream.table.name)
    const lake = await this.#deps.open()
    const files = (open?.snapshot().files ?? []).filter(({ stats }) => {
      const held = spanOf(stats, 'position')
      return held.from < to && held.until >= from
    })
    if (lake === null || files.length === 0) return { ...place, to, rows: [] }
    const lease = lake.store.lease()
    try {
      const paths = await lease.bring(files.map(({ key }) => `${open?.key}/${key}`))
      const end = (await endOf(lake, selectOf({ ...place, to }, paths), most)) ?? to
      const rows = await rowsOf(lake, { ...place, to: end }, paths)
      return { ...place, to: end, rows }
    } finally {
      lease.release()
    }
  }
}

/** Behind the last position that fits; null where all fit. */
async function endOf({ engine }: ReadLake, select: string, most: number): Promise<number | null> {
  const [found] = await engine.rows(`
    SELECT position::DOUBLE AS cut, min(position) OVER ()::DOUBLE AS first
    FROM (${select}) ORDER BY position LIMIT 1 OFFSET ${most}`)
  if (found === undefined) return null
  const [cut, first] = [Number(found['cut']), Number(found['first'])]
  return cut > first ? cut : first + 1
}

async function rowsOf(
  { engine }: ReadLake,
  place: Omit<Stretch, 'rows'>,
  paths: readonly string[],
): Promise<SinkRow[]> {
  const { columns } = place.table
  const members = columns.map((column) => `${literal(column.name)}: ${jsonValue(column)}`)
  const found = await engine.rows(`
    SELECT event_id, to_json({${members.join(', ')}})::VARCHAR AS json
    FROM (${selectOf(place, paths)}) ORDER BY position, json`)
  return found.map((row) => ({ eventId: String(row['event_id']), json: String(row['json']) }))
}

function selectOf(place: Omit<Stretch, 'rows'>, paths: readonly string[]): string {
  const { table, journalId, partition, from, to } = place
  return `SELECT * FROM (${tableSelect(table, paths)})
    WHERE journal_id = ${literal(journalId)} AND journal_partition = ${literal(partition)}
      AND position >= ${from} AND position < ${to}`
}

/** Times as ISO 8601 with microseconds, which every reader of JSON takes. */
function jsonValue({ name, type }: Column): string {
  const value = identifier(name)
  return type === 'TIMESTAMPTZ' ? `strftime(${value}, '%Y-%m-%dT%H:%M:%S.%fZ')` : value
}
