/** What the lake knows of conversations, out of its tables as they stand. */
import { readCheckpoint } from '../../lake/delta/checkpoint.ts'
import { type DeltaTable, findDeltaTable } from '../../lake/delta/delta-table.ts'
import type { DataFile } from '../../lake/delta/table-state.ts'
import { literal } from '../../lake/sql/quote.ts'
import { tableSelect } from '../../lake/sql/table-view.ts'
import type { LocalObjects } from '../../lake/store/with-leases.ts'
import { filedIn } from '../../loader/gold/sources.ts'
import { type Days, Knowledge } from '../../reconcile/known.ts'
import { arrivals } from '../../tables/arrivals.ts'
import { conversationDetails, conversationEvents, interactions } from '../../tables/silver.ts'
import type { Table } from '../../tables/table.ts'
import type { ReadableLake } from '../lake-access.ts'
import type { Machine } from '../machine.ts'

/** Silver that tells of conversations: where all of it stands, the lake is known to stand. */
export const tellingTables: readonly Table[] = [
  conversationEvents,
  conversationDetails,
  interactions,
]

/** As of this moment; `objects` are leased for as long as it is asked. */
export async function knowledgeOf(
  machine: Machine,
  lake: Pick<ReadableLake, 'engine' | 'store'>,
  objects: LocalObjects,
): Promise<Knowledge> {
  const tables = new Map<Table, DeltaTable | null>()
  for (const table of [...tellingTables, arrivals])
    tables.set(table, await findTable(machine, lake, table))
  const select = async (definition: Table, days: Days) => {
    const table = tables.get(definition) ?? null
    const files = [...(table?.state.files.values() ?? [])].filter(filedIn(days)).filter(isWanted)
    const pathOf = ({ key }: DataFile) => objects.localPath(`${table?.key}/${key}`)
    const paths = await Promise.all(files.map(pathOf))
    return `SELECT * FROM (${tableSelect(definition, paths)})
      WHERE date BETWEEN ${literal(days.from)}::DATE AND ${literal(days.to)}::DATE`
  }
  return new Knowledge({ engine: lake.engine, select })
}

export function findTable(
  machine: Machine,
  { engine, store }: Pick<ReadableLake, 'engine' | 'store'>,
  table: Table,
): Promise<DeltaTable | null> {
  const reading = (path: string) => readCheckpoint(engine, path)
  return findDeltaTable({ ...machine, store, readCheckpoint: reading }, table)
}

function isWanted({ partitionValues: { outcome } }: DataFile): boolean {
  return outcome === undefined || outcome === 'dead_letter'
}
