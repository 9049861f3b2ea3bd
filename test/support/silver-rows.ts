/** Bodies to rows of silver, as the loader would make them, with no lake around. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { nodeFiles } from '../../src/core/node-files.ts'
import { systemRandom } from '../../src/core/random.ts'
import { frame } from '../../src/event/frame.ts'
import { recognise } from '../../src/event/recognise.ts'
import { openArrivalsWriter } from '../../src/lake/parquet/arrivals-writer.ts'
import { openSqlEngine, type SqlEngine } from '../../src/lake/sql/duckdb.ts'
import { filesSelect } from '../../src/lake/sql/table-view.ts'
import type { Masks } from '../../src/loader/silver/masks.ts'
import { silverStatements } from '../../src/loader/silver/statements.ts'
import type { Arrival } from '../../src/tables/arrivals.ts'

export interface SilverRow {
  readonly table: string
  readonly [column: string]: unknown
}

export const plain: Masks = {
  mask: (_, expression) => expression,
  maskList: (_, expression) => expression,
  maskJson: (_, expression) => expression,
}

export interface Silver {
  /** Every row, in the order of tables and positions, without columns that are null. */
  rows(arrivals: readonly Arrival[]): Promise<SilverRow[]>
  readonly engine: SqlEngine
  close(): void
}

export async function openSilver(masks: Masks = plain): Promise<Silver> {
  const folder = mkdtempSync(join(tmpdir(), 'inlet-silver-'))
  const engine = await openSqlEngine({ memoryLimit: 512 * 2 ** 20, threads: 1, folder })
  const writer = await openArrivalsWriter({ files: nodeFiles, random: systemRandom }, { folder })
  return {
    engine,
    async rows(arrivals) {
      const paths = (await writer.write(arrivals)).map(({ localPath }) => localPath)
      await engine.run(`CREATE OR REPLACE TABLE batch AS ${filesSelect(paths)}`)
      return rowsOf(engine, masks)
    },
    close() {
      engine.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

async function rowsOf(engine: SqlEngine, masks: Masks): Promise<SilverRow[]> {
  const { prepare, statements, discard } = await silverStatements(
    { engine, relation: 'batch' },
    masks,
  )
  for (const sql of prepare) await engine.run(sql)
  const found: SilverRow[] = []
  for (const { table, select } of statements) {
    const rows = await engine.rows(
      `SELECT to_json(silver)::VARCHAR AS line FROM (${select}) AS silver
        ORDER BY position, line`,
    )
    for (const { line } of rows) {
      const values: object = JSON.parse(String(line))
      const told = Object.entries(values).filter(([, value]) => value !== null)
      found.push({ table: table.name, ...Object.fromEntries(told) })
    }
  }
  for (const sql of discard) await engine.run(sql)
  return found
}

const same = ['source', 'received_at', 'journal_id', 'journal_partition']

/** A row without what is the same in all rows of one test. */
export function silverOf(row: SilverRow): object {
  return Object.fromEntries(Object.entries(row).filter(([name]) => !same.includes(name)))
}

export const receivedAt = Date.UTC(2026, 0, 2)

/** A delivery as rows of bronze: an event for each object of it. */
export function arrivalsOf(body: Buffer, first = 0): Arrival[] {
  const { elements } = frame(body, (value, slice) =>
    recognise(value, slice, { eventTypes: new Set() }),
  )
  return elements.flatMap((element, index) => {
    if (element.kind !== 'object') return []
    return [{ ...blank, ...element.value, body: element.slice, position: first + index }]
  })
}

/** A row of bronze of any body, as if it had been recognised as `told`. */
export function arrivalOf(body: string, told: Partial<Arrival>): Arrival {
  const unknown = { eventId: 'event', orgId: null, topic: null, conversationId: null }
  const time = { eventTime: receivedAt, eventTimeSource: 'received_at', position: 0 }
  const recognised = { ...unknown, ...time, dialect: 'unknown', eventType: 'other' }
  return { ...blank, ...recognised, body: Buffer.from(body), ...told }
}

const blank = {
  outcome: 'event',
  source: 'genesys-prod',
  receivedAt,
  sender: null,
  headers: null,
  bodySha256: null,
  reason: null,
  detail: null,
  firstPosition: null,
  journalId: '8f1f0f5e-0000-4000-8000-000000000000',
  journalPartition: 'gateway-0',
} as const
