/** What the lake knows of conversations, out of its tables as they stand. */
import { readCheckpoint } from '../../lake/delta/checkpoint.ts'
import { type DeltaTable, findDeltaTable } from '../../lake/delta/delta-table.ts'
import type { DataFile } from '../../lake/delta/table-state.ts'
import { literal } from '../../lake/sql/quote.ts'
import { tableSelect } from '../../lake/sql/table-view.ts'
import type { LocalObjects } from '../../lake/store/with-leases.ts'
import { conversationsOfOpen } from '../../loader/dead-letters/find-letters.ts'
import { filedIn } from '../../loader/gold/sources.ts'
import { type Days, Knowledge } from '../../reconcile/known.ts'
import type { ReconcileDeps } from '../../reconcile/reconcile.ts'
import { unsettledBefore } from '../../reconcile/unsettled.ts'
import { arrivals } from '../../tables/arrivals.ts'
import { conversations } from '../../tables/gold.ts'
import { conversationDetails, conversationEvents, interactions } from '../../tables/silver.ts'
import type { Table } from '../../tables/table.ts'
import type { Config } from '../config/schema.ts'
import { letterBooks } from '../dead-letters/books.ts'
import type { ReadableLake } from '../lake-access.ts'
import type { Machine } from '../machine.ts'

/** Silver that tells of conversations: where all of it stands, the lake is known to stand. */
export const tellingTables: readonly Table[] = [
  conversationEvents,
  conversationDetails,
  interactions,
]

export type LakeKnowledge = Pick<ReconcileDeps, 'known' | 'unsettled'>

/** Of a lake in which nothing has landed. */
export const nothingKnown: LakeKnowledge = {
  known: { async load() {}, find: async () => new Map() },
  unsettled: async () => [],
}

export interface Asked {
  readonly lake: ReadableLake
  /** Leased for as long as it is asked. */
  readonly objects: LocalObjects
  readonly org: Pick<Config['orgs'][number], 'name' | 'orgId'>
}

/** As of this moment. */
export async function knowledgeOf(
  machine: Machine,
  config: Pick<Config, 'journal' | 'sources'>,
  { lake, objects, org: { name, orgId } }: Asked,
): Promise<LakeKnowledge> {
  const { engine } = lake
  const tables = new Map<Table, DeltaTable | null>()
  for (const table of [...tellingTables, arrivals, conversations])
    tables.set(table, await findTable(machine, lake, table))
  const select = async (definition: Table, days: Days) => {
    const table = tables.get(definition) ?? null
    const files = [...(table?.state.files.values() ?? [])].filter(filedIn(days)).filter(isWanted)
    const pathOf = ({ key }: DataFile) => objects.localPath(`${table?.key}/${key}`)
    const paths = await Promise.all(files.map(pathOf))
    return `SELECT * FROM (${tableSelect(definition, paths)})
      WHERE date BETWEEN ${literal(days.from)}::DATE AND ${literal(days.to)}::DATE`
  }
  const sources = config.sources.filter(({ org }) => org === name).map((one) => one.name)
  const lettered = async (since: number) => {
    const books = await letterBooks(machine, config, lake)
    if (books === null) return []
    return conversationsOfOpen({ ...books, store: objects }, { sources, since })
  }
  return {
    known: new Knowledge({ engine, select }),
    unsettled: (interval) => unsettledBefore({ engine, select, lettered }, { orgId, ...interval }),
  }
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
