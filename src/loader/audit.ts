/**
 * Is it all here, once? The conservation audit over everything that the lake holds (I2, I4, I9).
 *
 * Clean means:
 * - every position of every partition up to where the table stands is a row, exactly once;
 *   positions that an operator gave up, or that retention took out, count by their note
 * - no event id stands twice as an event within its scope
 * - every body has the SHA-256 that stands beside it
 * - every file can be read: one that cannot is named, and its positions count as missing
 * - ingress acknowledged no more than what landed or was given up
 *
 * Beside these, bodies that stand under several event ids are told (./same-bodies.ts), which is
 * nothing that Inlet lost or did twice: each is an event by the id that its sender gave it.
 *
 * What is durable but not in the lake yet is no fault; `status` tells of it. What a killed
 * gateway had made durable and not answered counts as acknowledged: nobody knows what arrived.
 */
import type { DeltaTable } from '../lake/delta/delta-table.ts'
import type { SqlRow } from '../lake/sql/duckdb.ts'
import { hugeFiles } from '../lake/sql/parquet-writer.ts'
import { literal } from '../lake/sql/quote.ts'
import { tableSelect } from '../lake/sql/table-view.ts'
import { arrivals } from '../tables/arrivals.ts'
import { DAMAGED, GAP_ACCEPTED } from './arrival-row.ts'
import type { BronzeDeps } from './bronze-files.ts'
import { isErased } from './erase/seek.ts'
import { appId, appPlace } from './places.ts'
import { type PositionRange, RETENTION, type Retained, sumRetained } from './retained.ts'
import { type SameBody, sameBodies } from './same-bodies.ts'
import { isTally, refusedSql, talliedSql } from './tallied.ts'
import { type LocalFile, localFiles, type Unreadable, unreadableOf } from './unreadable.ts'
import { untoldSql } from './untold.ts'

/** The names are a contract (DESIGN 10). */
export interface AuditReport {
  readonly clean: boolean
  readonly acknowledged: number
  readonly events: number
  readonly duplicates: number
  readonly deadLetters: number
  readonly notes: number
  readonly filtered: number
  readonly shed: number
  readonly refused: number
  readonly erased: number
  /** Rows that retention took out; what is acknowledged, filtered, shed and refused counts on. */
  readonly retired: number
  readonly missing: readonly Missing[]
  readonly repeated: readonly Repeated[]
  readonly bodyMismatches: number
  readonly unreadable: readonly Unreadable[]
  /** A warning: it is clean with them. */
  readonly sameBodies: readonly SameBody[]
}

/** A lake in which nothing has landed yet is clean. */
export const nothingAudited: AuditReport = {
  clean: true,
  acknowledged: 0,
  events: 0,
  duplicates: 0,
  deadLetters: 0,
  notes: 0,
  filtered: 0,
  shed: 0,
  refused: 0,
  erased: 0,
  retired: 0,
  missing: [],
  repeated: [],
  bodyMismatches: 0,
  unreadable: [],
  sameBodies: [],
}

/** Positions without a row, or a source that was promised more than landed. */
export type Missing =
  | {
      readonly partition: string
      readonly journalId: string
      readonly from: number
      readonly to: number
    }
  | { readonly source: string; readonly acknowledged: number; readonly landed: number }

/** A position or an event id with more rows than one, or a row beyond where the table stands. */
export type Repeated =
  | {
      readonly partition: string
      readonly journalId: string
      readonly position: number
      readonly rows: number
    }
  | { readonly eventId: string; readonly scope: string; readonly rows: number }

export interface AuditOptions {
  /** Sources of one dedup group share identities; others are scopes of their own. */
  readonly scopes: ReadonlyMap<string, string>
  /** Faults listed at most, of each kind. */
  readonly most: number
  /** Bodies are kept masked: two of the same bytes may have been different ones. */
  readonly areMasked?: boolean
  /** Ends it between two questions. */
  readonly signal?: AbortSignal
  /** Told of questions before each, of files whose bodies are hashed after some. */
  readonly onProgress?: (at: 'questions' | 'files', done: number, of: number | null) => void
  /**
   * Paths of files whose bodies were found to be the ones that were hashed: they are not hashed
   * again, and what is found sound is added.
   */
  readonly proven?: Set<string>
}

/** Files whose bodies are hashed in one question. */
const FILES_AT_ONCE = 64

export async function audit(
  deps: BronzeDeps,
  table: DeltaTable,
  options: AuditOptions,
): Promise<AuditReport> {
  const found = await localFiles(deps.store, table)
  const look = (files: readonly LocalFile[], unreadable: readonly Unreadable[]) =>
    auditOf(
      new Auditor(
        deps,
        files.map(({ path }) => path),
        options,
      ),
      { table, unreadable },
    )
  try {
    return await look(found.files, found.unreadable)
  } catch (error) {
    options.signal?.throwIfAborted()
    const more = await unreadableOf(deps.engine, found.files, options.signal)
    if (more.length === 0) throw error
    const names = new Set(more.map(({ file }) => file))
    const rest = found.files.filter(({ file }) => !names.has(file))
    return look(rest, [...found.unreadable, ...more])
  }
}

async function auditOf(
  query: Auditor,
  { table, unreadable }: { table: DeltaTable; unreadable: readonly Unreadable[] },
): Promise<AuditReport> {
  const retained = await query.retained()
  const counts = await query.counts()
  const tallies = await query.tallies()
  const positions = await query.positions(table, retained)
  const missing = [...positions.missing, ...(await query.unlanded(retained))]
  const repeated = [...positions.repeated, ...(await query.repeatedEvents())]
  const bodyMismatches = await query.bodyMismatches()
  return {
    clean:
      [missing, repeated, unreadable].every(({ length }) => length === 0) && bodyMismatches === 0,
    acknowledged: tallies.acknowledged + (await query.untold()) + retained.untold,
    ...counts,
    filtered: tallies.filtered,
    shed: tallies.shed,
    refused: tallies.refused,
    erased: await query.erased(),
    retired: retained.rows,
    missing,
    repeated,
    bodyMismatches,
    unreadable,
    sameBodies: await query.sameBodies(),
  }
}

class Auditor {
  readonly #deps: BronzeDeps
  readonly #paths: readonly string[]
  readonly #bronze: string
  readonly #options: AuditOptions
  #asked = 0

  constructor(deps: BronzeDeps, paths: readonly string[], options: AuditOptions) {
    this.#deps = deps
    this.#paths = paths
    this.#bronze = tableSelect(arrivals, paths)
    this.#options = options
  }

  /** What is in the lake no more, as its notes tell it. */
  async retained(): Promise<Retained> {
    const rows = await this.#rows(`
      SELECT detail FROM bronze WHERE outcome = 'note' AND reason = '${RETENTION}'`)
    return sumRetained(rows.map((row) => String(row['detail'])))
  }

  async counts() {
    const rows = await this.#rows(`SELECT outcome, count(*) AS n FROM bronze GROUP BY outcome`)
    const of = (outcome: string) =>
      Number(rows.find((row) => row['outcome'] === outcome)?.['n'] ?? 0)
    return {
      events: of('event'),
      duplicates: of('duplicate'),
      deadLetters: of('dead_letter'),
      notes: of('note'),
    }
  }

  /** Rows whose bodies were erased. */
  async erased(): Promise<number> {
    const [row] = await this.#rows(`
      SELECT count(*) AS n FROM bronze
      WHERE ${isErased}`)
    return Number(row?.['n'] ?? 0)
  }

  /** Ingress's own count, from its notes. */
  async tallies() {
    const sum = (name: string, told: string) => `coalesce(sum(${told}), 0)::DOUBLE AS ${name}`
    const told = ['acknowledged', 'filtered', 'shed'].map((name) => sum(name, talliedSql(name)))
    const [row] = await this.#rows(`
      SELECT ${told.join(', ')}, ${sum('refused', refusedSql)}
      FROM bronze WHERE ${isTally}`)
    const of = (name: string) => Number(row?.[name] ?? 0)
    return {
      acknowledged: of('acknowledged'),
      filtered: of('filtered'),
      shed: of('shed'),
      refused: of('refused'),
    }
  }

  async untold(): Promise<number> {
    const [row] = await this.#rows(untoldSql)
    return Number(row?.['n'] ?? 0)
  }

  /** Sources that acknowledged more than what landed of them. */
  async unlanded({ sources }: Retained): Promise<Missing[]> {
    const rows = await this.#rows(`
      SELECT source, sum(acknowledged)::DOUBLE AS acknowledged, sum(landed)::DOUBLE AS landed
      FROM (SELECT coalesce(source, '') AS source,
          coalesce(${talliedSql('acknowledged')}, 0) AS acknowledged,
          CASE WHEN outcome = 'note' THEN 0 ELSE 1 END AS landed
        FROM bronze)
      GROUP BY source HAVING sum(acknowledged) > sum(landed) ORDER BY source`)
    let unknown = (await this.#withoutSource()) + (sources[''] ?? 0)
    return rows.flatMap((row) => {
      const acknowledged = Number(row['acknowledged'])
      const source = String(row['source'])
      const landed = Number(row['landed']) + (sources[source] ?? 0)
      const explained = Math.min(unknown, acknowledged - landed)
      unknown -= explained
      if (landed + explained >= acknowledged) return []
      return [{ source, acknowledged, landed }]
    })
  }

  /**
   * Positions that do not tell their source any more, damaged or given up: it may be any of them.
   */
  async #withoutSource(): Promise<number> {
    const [row] = await this.#rows(`
      SELECT coalesce(sum(CASE WHEN reason = '${GAP_ACCEPTED}'
        THEN (detail ->> '$.to')::BIGINT - (detail ->> '$.from')::BIGINT + 1
        ELSE 1 END), 0)::DOUBLE AS n
      FROM bronze WHERE (outcome = 'dead_letter' AND reason = '${DAMAGED}')
        OR (outcome = 'note' AND reason = '${GAP_ACCEPTED}')`)
    return Number(row?.['n'] ?? 0)
  }

  async positions(
    table: DeltaTable,
    { ranges }: Retained,
  ): Promise<{ missing: Missing[]; repeated: Repeated[] }> {
    const { most } = this.#options
    const missing: Missing[] = []
    const repeated: Repeated[] = []
    for (const place of await this.#partitions(table)) {
      const { journalId, partition, stands } = place
      const holes = await this.#holes(place, ranges)
      for (const hole of holes) missing.push({ partition, journalId, ...hole })
      const doubles = await this.#rows(`
        SELECT position::DOUBLE AS position, count(*)::DOUBLE AS n FROM bronze
        WHERE ${inPartition(place)} GROUP BY ALL
        HAVING count(*) > 1 OR position >= ${stands} ORDER BY position LIMIT ${most}`)
      for (const row of doubles) {
        const [position, rows] = [Number(row['position']), Number(row['n'])]
        repeated.push({ partition, journalId, position, rows })
      }
    }
    return { missing, repeated }
  }

  /** Every partition that has rows or that the table's progress names, with where that stands. */
  async #partitions(table: DeltaTable): Promise<Partition[]> {
    const rows = await this.#rows(`SELECT DISTINCT journal_id, journal_partition FROM bronze`)
    const found = new Map<string, Partition>()
    for (const row of rows) {
      const journalId = String(row['journal_id'])
      const partition = String(row['journal_partition'])
      const app = appId({ journalId, partition })
      found.set(app, { journalId, partition, stands: table.txn(app) ?? 0 })
    }
    for (const [app, stands] of table.snapshot().txns) {
      const place = appPlace(app)
      if (place !== null) found.set(app, { ...place, stands })
    }
    return [...found.values()]
  }

  /** Runs of positions below where the table stands that no row and no such note covers. */
  async #holes(
    place: Partition,
    ranges: readonly PositionRange[],
  ): Promise<{ from: number; to: number }[]> {
    const { journalId, partition } = place
    const retired = ranges.flatMap((range) =>
      range.journal_id === journalId && range.partition === partition
        ? [`UNION ALL SELECT ${range.from}, ${range.to + 1}`]
        : [],
    )
    const rows = await this.#rows(`
      WITH covered AS (
        SELECT position AS first, CASE WHEN outcome = 'note' AND reason = '${GAP_ACCEPTED}'
          THEN (detail ->> '$.to')::BIGINT + 1 ELSE position + 1 END AS behind
        FROM bronze WHERE ${inPartition(place)}
        UNION ALL SELECT ${place.stands}, ${place.stands} ${retired.join(' ')}),
      reached AS (
        SELECT first, coalesce(max(behind) OVER (ORDER BY first
          ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS reached FROM covered)
      SELECT reached::DOUBLE AS "from", (first - 1)::DOUBLE AS "to" FROM reached
      WHERE first > reached AND first <= ${place.stands}
      ORDER BY first LIMIT ${this.#options.most}`)
    return rows.map((row) => ({ from: Number(row['from']), to: Number(row['to']) }))
  }

  async repeatedEvents(): Promise<Repeated[]> {
    const rows = await this.#rows(`
      SELECT event_id, ${this.#scope} AS scope, count(*)::DOUBLE AS n FROM bronze
      WHERE outcome = 'event' GROUP BY ALL HAVING count(*) > 1
      ORDER BY event_id LIMIT ${this.#options.most}`)
    return rows.map((row) => ({
      eventId: String(row['event_id']),
      scope: String(row['scope']),
      rows: Number(row['n']),
    }))
  }

  async sameBodies(): Promise<SameBody[]> {
    const { most, areMasked = false } = this.#options
    if (areMasked) return []
    return sameBodies((sql) => this.#rows(sql), { scope: this.#scope, most })
  }

  /** That of a row, as SQL. */
  get #scope(): string {
    const cases = [...this.#options.scopes].map(
      ([source, scope]) => `WHEN ${literal(source)} THEN ${literal(scope)}`,
    )
    return cases.length === 0 ? 'source' : `CASE source ${cases.join(' ')} ELSE source END`
  }

  /** Files whose rows are so large that two do not fit at once are read by one thread. */
  async bodyMismatches(): Promise<number> {
    const { engine } = this.#deps
    const { proven = new Set() } = this.#options
    const paths = this.#paths.filter((path) => !proven.has(path))
    const huge = await hugeFiles(engine, paths)
    const others = paths.filter((path) => !huge.has(path))
    let found = 0
    for (let at = 0; at < others.length; at += FILES_AT_ONCE) {
      this.#options.onProgress?.('files', at, paths.length)
      found += await this.#mismatchesIn(others.slice(at, at + FILES_AT_ONCE))
    }
    if (huge.size > 0) found += await engine.withOneThread(() => this.#mismatchesIn([...huge]))
    this.#options.onProgress?.('files', paths.length, paths.length)
    if (found === 0) for (const path of paths) proven.add(path)
    return found
  }

  async #mismatchesIn(paths: readonly string[]): Promise<number> {
    this.#options.signal?.throwIfAborted()
    const [row] = await this.#deps.engine.rows(`
      SELECT count(*) AS n FROM (${tableSelect(arrivals, paths)})
      WHERE (body IS NOT NULL OR body_bytes IS NOT NULL OR outcome = 'event')
        AND sha256(coalesce(encode(body), body_bytes, ''::BLOB)) IS DISTINCT FROM body_sha256`)
    return Number(row?.['n'] ?? 0)
  }

  async #rows(sql: string): Promise<SqlRow[]> {
    this.#options.signal?.throwIfAborted()
    this.#options.onProgress?.('questions', this.#asked++, null)
    return this.#deps.engine.rows(
      `WITH bronze AS (${this.#bronze}) ${sql.replace(/^\s*WITH /, ', ')}`,
    )
  }
}

interface Partition {
  readonly journalId: string
  readonly partition: string
  /** The next position that the table expects. */
  readonly stands: number
}

function inPartition({ journalId, partition }: Partition): string {
  return `journal_id = ${literal(journalId)} AND journal_partition = ${literal(partition)}`
}
