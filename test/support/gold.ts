/** A lake whose silver is filled by hand, and gold on top of it. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { nodeFiles } from '../../src/core/node-files.ts'
import { seededRandom } from '../../src/core/random.ts'
import type { SqlRow } from '../../src/lake/sql/duckdb.ts'
import { literal } from '../../src/lake/sql/quote.ts'
import { tableSelect } from '../../src/lake/sql/table-view.ts'
import { type GoldDeps, GoldRounds } from '../../src/loader/gold/gold-rounds.ts'
import type { GoldOptions } from '../../src/loader/gold/queue-intervals.ts'
import {
  type ComparedInterval,
  RECONCILED,
  reconcilePartition,
} from '../../src/loader/gold/watermarks.ts'
import { appId } from '../../src/loader/places.ts'
import { LayerMeter } from '../../src/loader/progress/layer-meter.ts'
import { withRows } from '../../src/loader/silver/write-rows.ts'
import { arrivals } from '../../src/tables/arrivals.ts'
import { silverTables } from '../../src/tables/silver.ts'
import type { Table } from '../../src/tables/table.ts'
import { arrival, openTestLake, type TestLake } from './lake.ts'
import type { Silver, SilverRow } from './silver.ts'

const { journalId, journalPartition: partition } = arrival(0)
const app = appId({ journalId, partition })
const reconcileApp = appId({ journalId, partition: reconcilePartition })

export interface TestGold extends TestLake {
  /** Appends rows to silver, each at a position of its own, and moves all its tables on. */
  landSilver(silver: Silver): Promise<void>
  /** Lands a note that says what of an organisation was compared, and moves silver on. */
  landCompared(compared: ComparedInterval): Promise<void>
  goldRounds(options?: Partial<GoldOptions>, others?: Partial<GoldDeps>): GoldRounds
  /** Appends rows to a table of gold. */
  landRows(table: Table, rows: readonly SilverRow[]): Promise<void>
  /** The rows of a table as they stand. */
  rowsOf(table: Table): Promise<SqlRow[]>
}

export const usualGold: GoldOptions = {
  timeZone: 'UTC',
  serviceLevel: new Map([['voice', 20_000]]),
  shortAbandonMs: 5000,
}

export async function openTestGold(): Promise<TestGold> {
  const lake = await openTestLake()
  const deps = { ...lake, files: nodeFiles, random: seededRandom(5) }
  let position = 0
  let notes = 0
  const land = async (
    table: Table,
    rows: readonly SilverRow[],
    { to, by = app }: { to: number; by?: string },
  ) => {
    const delta = await lake.lake.table(table)
    const adds = await written(deps, { table, rows }, (files) => delta.publish(files))
    const txns = [{ appId: by, from: delta.txn(by), to }]
    await delta.commit({ operation: 'WRITE', adds, txns })
  }
  return {
    ...lake,
    async landSilver(silver) {
      const placed = new Map<string, SilverRow[]>()
      for (const [name, rows] of Object.entries(silver)) {
        // Rows of one event share its place.
        const places = new Map<unknown, number>()
        const own = (rows as readonly SilverRow[]).map((row) => {
          const event = row['event_id'] ?? row
          const at = places.get(event) ?? position++
          places.set(event, at)
          return { ...row, ...place(at), date: dayOf(row) }
        })
        placed.set(name, own)
      }
      for (const table of silverTables)
        await land(table, placed.get(table.name.replace('silver.', '')) ?? [], { to: position })
    },
    async landCompared({ orgId, from, to }) {
      const [since, until] = [from, to].map((ms) => new Date(ms).toISOString())
      const note = {
        ...{ outcome: 'note', reason: RECONCILED, received_at: until, date: until?.slice(0, 10) },
        detail: JSON.stringify({ orgId, from: since, to: until }),
        ...{ journal_id: journalId, journal_partition: reconcilePartition, position: notes++ },
      }
      const step = { to: notes, by: reconcileApp }
      await land(arrivals, [note], step)
      for (const table of silverTables) await land(table, [], step)
    },
    async landRows(table, rows) {
      const delta = await lake.lake.table(table)
      const adds = await written(deps, { table, rows }, (files) => delta.publish(files))
      await delta.commit({ operation: 'WRITE', adds })
    },
    goldRounds(options = {}, others = {}) {
      const { clock } = lake
      const all = {
        ...deps,
        clock,
        observer: () => {},
        meter: new LayerMeter('gold'),
        table: lake.lake.table,
        ...others,
      }
      return new GoldRounds(all, { gold: { ...usualGold, ...options }, scratch: lake.scratch })
    },
    async rowsOf(table) {
      const delta = await lake.lake.table(table)
      const { files } = await delta.refresh()
      const paths = files.map(({ key }) => lake.store.localPath(`${delta.key}/${key}`))
      return lake.engine.rows(`FROM (${tableSelect(table, await Promise.all(paths))}) ORDER BY ALL`)
    },
  }
}

const place = (at: number) => ({
  journal_id: journalId,
  journal_partition: partition,
  position: at,
  bucket: 0,
})
const dayOf = (row: SilverRow) => String(row['event_time']).slice(0, 10)

/** The files of rows, for as long as `use` takes. */
async function written<T>(
  deps: TestLake & { files: typeof nodeFiles; random: ReturnType<typeof seededRandom> },
  { table, rows }: { table: Table; rows: readonly SilverRow[] },
  use: Parameters<typeof withRows<T>>[2],
): Promise<T> {
  const path = join(deps.scratch, `${deps.random.uuid()}.ndjson`)
  await writeFile(path, rows.map((row: SilverRow) => `${JSON.stringify(row)}\n`).join(''))
  const columns = table.columns.map(({ name, type }) => `${literal(name)}: ${literal(type)}`)
  const from = `read_json(${literal(path)}, format = 'newline_delimited',
    columns = {${columns.join(', ')}})`
  return withRows(deps, { table, select: `FROM ${from}`, folder: deps.scratch }, use)
}
