/**
 * What the lake knows of the conversations of an interval: read once out of silver, and of bronze
 * its dead letters, into a table of the engine, then asked about a page of ids at a time.
 *
 * Limits: what is filed more than `AFTER_DAYS` behind the interval is not looked for, such as the
 * end of a conversation that went on for so long: its record is fetched once more than is needed.
 */
import type { Interval } from '../genesys/details-query.ts'
import type { SqlEngine } from '../lake/sql/duckdb.ts'
import { literals } from '../lake/sql/quote.ts'
import { arrivals } from '../tables/arrivals.ts'
import { conversationDetails, conversationEvents, interactions } from '../tables/silver.ts'
import type { Table } from '../tables/table.ts'
import type { Known } from './decide.ts'

const AFTER_DAYS = 31
const DAY_MS = 86_400_000

/** Days of a table, `2026-03-01`, both ends included. */
export interface Days {
  readonly from: string
  readonly to: string
}

export interface KnowledgeDeps {
  readonly engine: Pick<SqlEngine, 'run' | 'rows'>
  /** The rows of a table that are filed under these days; of bronze, the dead letters. */
  readonly select: (table: Table, days: Days) => Promise<string>
}

export class Knowledge {
  readonly #deps: KnowledgeDeps

  constructor(deps: KnowledgeDeps) {
    this.#deps = deps
  }

  /** `ids`: of those conversations alone. */
  async load({ from, to }: Interval, ids?: readonly string[]): Promise<void> {
    const { engine, select } = this.#deps
    const days = { from: dayOf(from), to: dayOf(to + AFTER_DAYS * DAY_MS) }
    const wanted = ids === undefined ? 'true' : `conversation_id IN ${literals(ids)}`
    const sources = [
      ['events', conversationEvents],
      ['details', conversationDetails],
      ['snapshots', interactions],
      ['letters', arrivals],
    ] as const
    const relations = await Promise.all(
      sources.map(
        async ([name, table]) =>
          `${name} AS (SELECT * FROM (${await select(table, days)}) WHERE ${wanted})`,
      ),
    )
    await engine.run(
      `CREATE OR REPLACE TABLE known AS WITH ${[...relations, ...items].join(', ')} ${knownSql}`,
    )
  }

  /** Of those that it knows anything of. To be called after `load`. */
  async find(conversationIds: readonly string[]): Promise<ReadonlyMap<string, Known>> {
    const rows = await this.#deps.engine.rows(
      `SELECT * FROM known WHERE conversation_id IN ${literals(conversationIds)}`,
    )
    return new Map(rows.map((row) => [String(row['conversation_id']), knownOf(row)]))
  }
}

function knownOf(row: Readonly<Record<string, unknown>>): Known {
  const texts = (name: string) => new Set(Array.isArray(row[name]) ? row[name].map(String) : [])
  const number = (name: string) => Number(row[name] ?? 0)
  const settled = row['is_settled']
  return {
    records: texts('records'),
    steps: texts('steps'),
    figures: {
      wait: number('wait'),
      talk: number('talk'),
      hold: number('hold'),
      acw: number('acw'),
    },
    isSettled: typeof settled === 'boolean' ? settled : null,
    hasDeadLetters: row['has_dead_letters'] === true,
  }
}

const sum = (name: string, type: string) => `sum(${name}) FILTER (event_type = '${type}')`

/** As gold reads them: a step of a session at a moment is one step, however often it is told. */
const items = [
  `steps AS (
    SELECT conversation_id, coalesce(session_id, '') AS session_id, event_type, event_time,
      max(interacting_ms) AS interacting_ms, max(held_ms) AS held_ms,
      max(connected_ms) AS connected_ms, max(wrap_up_ms) AS wrap_up_ms
    FROM events WHERE conversation_id IS NOT NULL
    GROUP BY ALL),
  told AS (
    SELECT conversation_id, session_id,
      list(DISTINCT session_id || ' ' || replace(event_type, 'wrapup', 'acw')) AS steps,
      ${sum('connected_ms', 'acd.end')} AS wait, ${sum('interacting_ms', 'user.end')} AS talk,
      ${sum('held_ms', 'user.end')} AS hold,
      coalesce(${sum('wrap_up_ms', 'acw')}, max(wrap_up_ms) FILTER (event_type = 'wrapup')) AS acw
    FROM steps GROUP BY conversation_id, session_id),
  by_events AS (
    SELECT conversation_id, flatten(list(steps)) AS steps, sum(wait)::DOUBLE AS wait,
      sum(talk)::DOUBLE AS talk, sum(hold)::DOUBLE AS hold, sum(acw)::DOUBLE AS acw
    FROM told GROUP BY conversation_id)`,
  `by_records AS (
    SELECT conversation_id, list(DISTINCT event_id) AS records
    FROM details WHERE conversation_id IS NOT NULL GROUP BY conversation_id)`,
  `by_snapshots AS (
    SELECT conversation_id, bool_or(ended_at IS NOT NULL OR coalesce(state, '') = 'disconnected')
      AS is_settled
    FROM snapshots WHERE conversation_id IS NOT NULL GROUP BY conversation_id)`,
  `by_letters AS (
    SELECT DISTINCT conversation_id, true AS has_dead_letters
    FROM letters WHERE conversation_id IS NOT NULL)`,
]

const knownSql = `
  SELECT * FROM by_events
    FULL JOIN by_records USING (conversation_id)
    FULL JOIN by_snapshots USING (conversation_id)
    FULL JOIN by_letters USING (conversation_id)`

export function dayOf(time: number): string {
  return new Date(time).toISOString().slice(0, 10)
}
