/**
 * Erasure in silver and gold: of rows whose event was erased every personal column becomes null,
 * and the id of whoever is erased goes wherever it stands. A row of gold that is about them alone
 * goes as a whole, and so does every state of a user whom Genesys Cloud lists with their number or
 * address, as it is or as a pseudonym.
 *
 * `rebuild` makes the same of bronze, but for fields that no schema knows, of which bronze has
 * nothing either: they are null then.
 */
import type { DeltaTable } from '../../lake/delta/delta-table.ts'
import { identifier, literal } from '../../lake/sql/quote.ts'
import { tableSelect } from '../../lake/sql/table-view.ts'
import { withLeases } from '../../lake/store/with-leases.ts'
import { idOf, isId, type Subject } from '../../privacy/subject.ts'
import { largeFields } from '../../tables/silver.ts'
import type { Table } from '../../tables/table.ts'
import { erasedPlaces } from './erase-arrivals.ts'
import type { Rewrite, RewriteDeps, Rewritten } from './rewrite.ts'
import { isNamedBy, type Seek } from './seek.ts'

/** To be called behind `eraseArrivals`, with the same engine. */
export async function eraseDerived(
  deps: RewriteDeps & { readonly rewrite: Rewrite },
  table: DeltaTable,
  seek: Seek,
): Promise<Rewritten> {
  const { definition } = table
  const { subject } = seek
  const listed = await listedAs(deps, table, seek)
  const conditions = [
    ...(hasPlace(definition) ? [`(${changedByPlace(definition)})`] : []),
    ...idColumns(definition, subject).map((name) => holds(definition, name, subject)),
    ...listed,
  ]
  if (conditions.length === 0) return { files: 0, kept: [] }
  const affected = conditions.join(' OR ')
  const concerns = async (path: string) => {
    const [found] = await deps.engine.rows(
      `SELECT count(*) AS n FROM (${tableSelect(definition, [path])}) AS row WHERE ${affected}`,
    )
    return Number(found?.['n'] ?? 0) > 0
  }
  const select = async (path: string) =>
    (await concerns(path))
      ? erasedSelect(definition, tableSelect(definition, [path]), { subject, listed })
      : null
  return deps.rewrite(deps, table, { concerns, select, id: idOf(subject) })
}

/** The rows of those of whom something personal is told that names whoever is sought. */
async function listedAs(
  { engine, store }: RewriteDeps,
  table: DeltaTable,
  seek: Seek,
): Promise<string[]> {
  const { definition, key } = table
  const told = definition.columns.filter(({ personal }) => personal).map(({ name }) => name)
  if (hasPlace(definition) || told.length === 0 || isId(seek.subject.kind)) return []
  const rows = await withLeases(store, async ({ localPath }) => {
    const files = table.snapshot().files.map((file) => localPath(`${key}/${file.key}`))
    const all = tableSelect(definition, await Promise.all(files))
    return engine.rows(
      `SELECT DISTINCT ${['id', ...told].map(identifier).join(', ')} FROM (${all})`,
    )
  })
  const ids = rows
    .filter((row) => told.some((name) => row[name] !== null && isNamedBy(seek, String(row[name]))))
    .map(({ id }) => String(id))
  return ids.length === 0 ? [] : [`row.id IN (${ids.map(literal).join(', ')})`]
}

const place = ['journal_id', 'journal_partition', 'position'] as const

function hasPlace({ columns }: Table): boolean {
  return place.every((name) => columns.some((column) => column.name === name))
}

const isErased = `EXISTS (FROM ${erasedPlaces} AS erased WHERE ${place
  .map((name) => `erased.${name} = row.${name}`)
  .join(' AND ')})`

/** Nothing stays of a row without what is personal in it. */
function isOfOneValue(table: Table): boolean {
  return table === largeFields
}

/** Something personal is left in a row of an erased event. */
function changedByPlace(table: Table): string {
  const { columns } = table
  if (isOfOneValue(table)) return isErased
  const left = columns.filter(({ personal }) => personal).map(({ name }) => columnOf(name))
  if (left.length === 0) return 'false'
  return `${isErased} AND coalesce(${left.map((one) => `${one}::VARCHAR`).join(', ')}) IS NOT NULL`
}

const columnOf = (name: string) => `row.${identifier(name)}`

/** Columns in which an id may stand. */
function idColumns({ columns, partitionedBy }: Table, { kind }: Subject): string[] {
  if (!isId(kind)) return []
  return columns
    .filter(({ name, type }) => !partitionedBy.includes(name) && /^VARCHAR(\[\])?$/.test(type))
    .map(({ name }) => name)
    .filter((name) => name !== 'event_id')
}

function holds({ columns }: Table, name: string, { value }: Subject): string {
  const isList = columns.find((column) => column.name === name)?.type.endsWith('[]')
  const column = columnOf(name)
  return isList
    ? `coalesce(list_contains(${column}, ${literal(value)}), false)`
    : `coalesce(contains(${column}, ${literal(value)}), false)`
}

function erasedSelect(
  table: Table,
  rows: string,
  { subject, listed }: { readonly subject: Subject; readonly listed: readonly string[] },
): string {
  const ids = new Set(idColumns(table, subject))
  const byPlace = hasPlace(table)
  const columns = table.columns
    .filter(({ name }) => !table.partitionedBy.includes(name))
    .map(({ name, type, personal }) => {
      const column = columnOf(name)
      const without = ids.has(name) ? withoutId(column, type, subject) : column
      const value =
        personal && byPlace ? `CASE WHEN ${isErased} THEN NULL ELSE ${without} END` : without
      return `${value} AS ${identifier(name)}`
    })
  const own = byPlace ? [] : [...ids].filter((name) => keys.includes(name))
  const isOwn = own.map(
    (name) => `${columnOf(name)} IS NOT DISTINCT FROM ${literal(subject.value)}`,
  )
  const goes = isOfOneValue(table) ? [isErased] : [...isOwn, ...listed]
  const where = goes.length === 0 ? '' : ` WHERE NOT (${goes.join(' OR ')})`
  return `SELECT ${columns.join(', ')} FROM (${rows}) AS row${where}`
}

/**
 * Columns that say of whom a row of gold or of names is; guides have contacts for conversations.
 */
const keys: readonly string[] = ['conversation_id', 'user_id', 'id']

function withoutId(column: string, type: string, { value }: Subject): string {
  const id = literal(value)
  return type.endsWith('[]')
    ? `list_filter(${column}, lambda one: one IS DISTINCT FROM ${id})`
    : `CASE WHEN contains(${column}, ${id}) THEN NULL ELSE ${column} END`
}
