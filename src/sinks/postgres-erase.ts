/**
 * Erasure in a PostgreSQL sink: what was sent there becomes what silver has.
 *
 * Of rows whose event was erased every personal column becomes null, found by the place of the
 * event; the id of whoever is erased goes out of every column but those that tell events apart. All
 * of it is one transaction. Tables that are not there yet have nothing to erase.
 */
import pg from 'pg'
import type { Table } from '../tables/table.ts'
import { type PostgresOptions, quoted } from './postgres.ts'

export interface ErasedEvents {
  /** Of all events that ever were erased: what a database missed before is mended. */
  readonly places: readonly ErasedPlace[]
  /** Null for who is no id. */
  readonly id: string | null
}

export interface ErasedPlace {
  readonly journal_id: string
  readonly journal_partition: string
  readonly position: number
}

/** Resolves to how many rows changed. To be called once the sink has all that silver had. */
export async function eraseInPostgres(
  options: PostgresOptions,
  tables: readonly Table[],
  erased: ErasedEvents,
): Promise<number> {
  const client = new pg.Client({
    connectionString: await options.url(),
    connectionTimeoutMillis: options.connectMs,
    statement_timeout: options.statementMs,
    application_name: `inlet erase ${options.name}`,
  })
  client.on('error', () => undefined)
  await client.connect()
  try {
    await client.query('BEGIN')
    let rows = 0
    for (const table of tables) rows += await eraseTable(client, { table, options, erased })
    await client.query('COMMIT')
    return rows
  } finally {
    await client.end().catch(() => undefined)
  }
}

async function eraseTable(
  client: pg.Client,
  { table, options, erased }: { table: Table; options: PostgresOptions; erased: ErasedEvents },
): Promise<number> {
  const name = `${quoted(options.schema)}.${quoted(table.name.slice(table.name.indexOf('.') + 1))}`
  const { rows } = await client.query('SELECT to_regclass($1) AS found', [name])
  if (rows[0]?.found === null) return 0
  const personal = table.columns.filter((column) => column.personal).map((one) => quoted(one.name))
  let changed = 0
  if (personal.length > 0) {
    const { rowCount } = await client.query(
      `UPDATE ${name} AS row SET ${personal.map((column) => `${column} = NULL`).join(', ')}
       FROM jsonb_to_recordset($1::jsonb)
         AS erased (journal_id text, journal_partition text, position bigint)
       WHERE row.journal_id = erased.journal_id AND row.position = erased.position
         AND row.journal_partition = erased.journal_partition
         AND num_nonnulls(${personal.map((column) => `row.${column}`).join(', ')}) > 0`,
      [JSON.stringify(erased.places)],
    )
    changed += rowCount ?? 0
  }
  return erased.id === null ? changed : changed + (await forgetId(client, { name, table }, erased))
}

async function forgetId(
  client: pg.Client,
  { name, table }: { name: string; table: Table },
  { id }: ErasedEvents,
): Promise<number> {
  const of = (type: string) =>
    table.columns
      .filter((column) => column.type === type && column.name !== 'event_id')
      .map((column) => quoted(column.name))
  const [texts, lists] = [of('VARCHAR'), of('VARCHAR[]')]
  const changes = [
    ...texts.map((one) => `${one} = CASE WHEN strpos(${one}, $1) = 0 THEN ${one} END`),
    ...lists.map((one) => `${one} = array_remove(${one}, $1)`),
  ]
  const holds = [
    ...texts.map((one) => `strpos(${one}, $1) > 0`),
    ...lists.map((one) => `$1 = ANY (${one})`),
  ]
  const { rowCount } = await client.query(
    `UPDATE ${name} SET ${changes.join(', ')} WHERE ${holds.join(' OR ')}`,
    [id],
  )
  return rowCount ?? 0
}
