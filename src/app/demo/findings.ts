/** What the demo finds in the lake when everything is sent: the proof, in figures. */

import type { QuerySession } from '../../lake/query.ts'
import { literal } from '../../lake/sql/quote.ts'
import { type AuditReport, audit } from '../../loader/audit.ts'
import { reconcilePartition } from '../../loader/gold/watermarks.ts'
import { type Comparison, compareWithLake, type LakeRow } from '../../simulator/ledger/compare.ts'
import type { Ledger } from '../../simulator/ledger/ledger.ts'
import type { Outcome } from '../../tables/arrivals.ts'
import { findArrivals, type OpenLake, openLakeAt, openQueryAt } from '../lake-access.ts'
import type { Machine } from '../machine.ts'

export interface Findings {
  readonly audit: AuditReport
  readonly comparison: Comparison
  /** From receipt to the commit that made the row visible, seconds. */
  readonly freshnessSeconds: { readonly p50: number; readonly p99: number }
  /** A question of a contact centre, and what the lake says. */
  readonly answer: { readonly sql: readonly string[]; readonly table: readonly string[][] }
  readonly conversations: number
}

const question = [
  'SELECT media_type, count(*) AS conversations, count_if(abandoned) AS abandoned,',
  '  round(avg(wait_ms) / 1000, 1) AS wait_s, round(avg(talk_ms) / 1000, 1) AS talk_s',
  'FROM gold.conversations GROUP BY ALL ORDER BY conversations DESC',
]

export async function findIn(machine: Machine, root: string, ledger: Ledger): Promise<Findings> {
  const lake = await openLakeAt(machine, root)
  const session = await openQueryAt(machine, root)
  try {
    const table = await findArrivals(lake)
    if (table === null) throw new Error('nothing has landed in the lake')
    const found = await session.query(question.join(' '))
    const names = found.columns.map(({ name }) => name)
    const values = found.rows.map((row) => row.map((value) => String(value ?? '-')))
    const distinct = await session.query(
      'SELECT count(DISTINCT conversation_id) FROM bronze.events',
    )
    return {
      audit: await audit(lake, table, { scopes: new Map(), most: 100 }),
      comparison: await compareArrivals(session, ledger),
      freshnessSeconds: await freshness(lake, root),
      answer: { sql: question, table: [names, ...values] },
      conversations: Number(distinct.rows[0]?.[0] ?? 0),
    }
  } finally {
    session.close()
    lake.close()
  }
}

/** What the sender knows against what lies in the lake, but for what Inlet fetched by itself. */
export async function compareArrivals(session: QuerySession, ledger: Ledger): Promise<Comparison> {
  const { rows } = await session.query(
    `SELECT outcome, event_id, body_sha256 FROM bronze.arrivals
      WHERE journal_partition <> ${literal(reconcilePartition)}`,
  )
  return compareWithLake(ledger, rows.map(lakeRow))
}

function lakeRow([outcome, eventId, bodySha256]: readonly unknown[]): LakeRow {
  return {
    outcome: outcome as Outcome,
    eventId: eventId === null ? null : String(eventId),
    bodySha256: bodySha256 === null ? null : String(bodySha256),
  }
}

/** Each file's rows against the time of the commit that added it. */
async function freshness(lake: OpenLake, root: string): Promise<{ p50: number; p99: number }> {
  const table = await findArrivals(lake)
  const { files = [], commits = [] } = table?.snapshot() ?? {}
  // Compaction only moves rows.
  const writes = commits.filter(({ operation }) => operation === 'WRITE')
  const committedAt = new Map(writes.map(({ version, timestamp }) => [version, timestamp]))
  const visible = files.flatMap((file) => {
    const at = committedAt.get(file.version)
    return at === undefined ? [] : [{ path: `${root}/${table?.key}/${file.key}`, at }]
  })
  if (visible.length === 0) return { p50: 0, p99: 0 }
  const paths = visible.map(({ path }) => literal(path)).join(', ')
  const times = visible.map(({ path, at }) => `(${literal(path)}, ${at})`).join(', ')
  const [row] = await lake.engine.rows(`
    WITH visible(path, committed) AS (VALUES ${times}),
    arrived AS (SELECT filename, epoch_ms(received_at) AS received
      FROM read_parquet([${paths}], filename = true, hive_partitioning = false))
    SELECT quantile_cont(committed - received, 0.5)::DOUBLE AS p50,
      quantile_cont(committed - received, 0.99)::DOUBLE AS p99
    FROM arrived JOIN visible ON filename = path`)
  return { p50: seconds(row?.['p50']), p99: seconds(row?.['p99']) }
}

function seconds(ms: unknown): number {
  return Math.round(Number(ms ?? 0)) / 1000
}
