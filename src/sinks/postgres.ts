/**
 * PostgreSQL as a sink: a table for each silver table, with a unique constraint on the event id.
 *
 * Guarantee: each row once. Rows and the position that they reach are one transaction, which holds
 * the stream's line of `inlet_progress`; what is there already is kept out by the constraint and
 * counted. A row that PostgreSQL cannot hold stands in `inlet_refused` by its event id, so that it
 * keeps none behind it.
 * Limits: columns are added, never changed or dropped; PostgreSQL 15 or later (`NULLS NOT
 * DISTINCT`). It cannot hold NUL in a text: U+FFFD stands for it.
 */
import pg from 'pg'
import type { Column, ColumnType, Table } from '../tables/table.ts'
import type { Delivered, Sink, SinkRow, Stream, Stretch } from './sink.ts'

export interface PostgresOptions {
  readonly name: string
  /** `postgres://user:password@host:port/database?sslmode=verify-full`; asked anew to connect. */
  readonly url: () => Promise<string>
  /** Made where it is missing. */
  readonly schema: string
  readonly connectMs: number
  /** A statement that takes longer is given up. */
  readonly statementMs: number
}

const types: Readonly<Record<ColumnType, string>> = {
  VARCHAR: 'text',
  BIGINT: 'bigint',
  INTEGER: 'integer',
  DOUBLE: 'double precision',
  BOOLEAN: 'boolean',
  DATE: 'date',
  TIMESTAMPTZ: 'timestamptz',
  BLOB: 'text',
  'VARCHAR[]': 'text[]',
  'STRUCT(id VARCHAR, role VARCHAR, name VARCHAR)[]': 'jsonb',
}

/** `IF NOT EXISTS` fails where two define at once; statements sent together are a transaction. */
const definingAlone = `SELECT pg_advisory_xact_lock(hashtext('inlet sinks'));`

/** What tells the rows of one event apart, where it may have several. */
const further: Readonly<Record<string, readonly string[]>> = {
  'silver.queue_observations': ['ordinal'],
  'silver.conversation_details': ['participant_id', 'session_id'],
  'silver.large_fields': ['ordinal'],
  'silver.violations': ['path', 'rule'],
}

export function openPostgresSink(options: PostgresOptions): Sink {
  return new PostgresSink(options)
}

class PostgresSink implements Sink {
  readonly name: string
  readonly #options: PostgresOptions
  readonly #made = new Set<string>()
  #client: pg.Client | null = null

  constructor(options: PostgresOptions) {
    this.name = options.name
    this.#options = options
  }

  async reached({ table, journalId, partition }: Stream): Promise<number> {
    const client = await this.#connected(table)
    const { rows } = await client.query<{ position: string }>(
      `SELECT position FROM ${this.#at('inlet_progress')}
       WHERE table_name = $1 AND journal_id = $2 AND journal_partition = $3`,
      [table.name, journalId, partition],
    )
    return Number(rows[0]?.position ?? 0)
  }

  async deliver(stretch: Stretch): Promise<Delivered> {
    const client = await this.#connected(stretch.table)
    try {
      await client.query('BEGIN')
      await this.#claim(client, stretch)
      const { repeated, refused } = await this.#insert(client, stretch)
      await client.query('COMMIT')
      const { rows, to } = stretch
      return { arrived: rows.length - repeated - refused, repeated, refused, to }
    } catch (error) {
      // Whatever state the connection is in, the next one has none.
      await this.close()
      throw error
    }
  }

  async close(): Promise<void> {
    const client = this.#client
    this.#client = null
    this.#made.clear()
    await client?.end().catch(() => undefined)
  }

  /** Moves the progress first: its line is locked, so that two processes take turns. */
  async #claim(client: pg.Client, stretch: Stretch): Promise<void> {
    const { table, journalId, partition, from, to } = stretch
    const key = [table.name, journalId, partition]
    await client.query(
      `INSERT INTO ${this.#at('inlet_progress')} VALUES ($1, $2, $3, 0) ON CONFLICT DO NOTHING`,
      key,
    )
    const { rowCount } = await client.query(
      `UPDATE ${this.#at('inlet_progress')} SET position = $5
       WHERE table_name = $1 AND journal_id = $2 AND journal_partition = $3 AND position = $4`,
      [...key, from, to],
    )
    if (rowCount !== 1) throw new Error(`another process has moved ${table.name} on`)
  }

  /** All at once; where one cannot be held, one by one. */
  async #insert(client: pg.Client, { table, rows }: Stretch) {
    if (rows.length === 0) return { repeated: 0, refused: 0 }
    await client.query('SAVEPOINT rows')
    try {
      return { repeated: rows.length - (await this.#insertAll(client, table, rows)), refused: 0 }
    } catch (error) {
      if (!isOfTheData(error)) throw error
    }
    await client.query('ROLLBACK TO rows')
    let [inserted, refused] = [0, 0]
    for (const row of rows) {
      await client.query('SAVEPOINT one')
      try {
        inserted += await this.#insertAll(client, table, [row])
        await client.query('RELEASE one')
      } catch (error) {
        if (!isOfTheData(error)) throw error
        await client.query('ROLLBACK TO one')
        await client.query(`INSERT INTO ${this.#at('inlet_refused')} VALUES ($1, $2, $3, now())`, [
          table.name,
          row.eventId.replaceAll('\0', '\ufffd'),
          error.code,
        ])
        refused++
      }
    }
    return { repeated: rows.length - inserted - refused, refused }
  }

  async #insertAll(client: pg.Client, table: Table, rows: readonly SinkRow[]): Promise<number> {
    const name = this.#tableOf(table)
    const columns = table.columns.map((column) => quoted(column.name)).join(', ')
    const { rowCount } = await client.query(
      `INSERT INTO ${name} (${columns}) SELECT ${columns}
       FROM jsonb_populate_recordset(NULL::${name}, $1::jsonb) ON CONFLICT DO NOTHING`,
      [`[${rows.map(({ json }) => withoutNul(json)).join(',')}]`],
    )
    return rowCount ?? 0
  }

  async #connected(table: Table): Promise<pg.Client> {
    const client = this.#client ?? (await this.#connect())
    if (!this.#made.has(table.name)) {
      await client.query(this.#definition(table))
      this.#made.add(table.name)
    }
    return client
  }

  async #connect(): Promise<pg.Client> {
    const { url, connectMs, statementMs, name, schema } = this.#options
    const client = new pg.Client({
      connectionString: await url(),
      connectionTimeoutMillis: connectMs,
      query_timeout: statementMs,
      statement_timeout: statementMs,
      application_name: `inlet sink ${name}`,
    })
    // A connection that is lost while nobody asks: the next question opens another.
    client.on('error', () => void this.close())
    await client.connect()
    this.#client = client
    await client.query(`${definingAlone}
      CREATE SCHEMA IF NOT EXISTS ${quoted(schema)};
      CREATE TABLE IF NOT EXISTS ${this.#at('inlet_progress')} (
        table_name text, journal_id text, journal_partition text, position bigint NOT NULL,
        PRIMARY KEY (table_name, journal_id, journal_partition));
      CREATE TABLE IF NOT EXISTS ${this.#at('inlet_refused')} (
        table_name text NOT NULL, event_id text NOT NULL, sqlstate text NOT NULL,
        refused_at timestamptz NOT NULL)`)
    return client
  }

  #definition(table: Table): string {
    const name = this.#tableOf(table)
    const key = ['source', 'event_id', ...(further[table.name] ?? [])].map(quoted)
    const columns = table.columns.map(definitionOf)
    const added = columns.map((column) => `ADD COLUMN IF NOT EXISTS ${column}`)
    return `${definingAlone} CREATE TABLE IF NOT EXISTS ${name} (${columns.join(', ')},
        UNIQUE NULLS NOT DISTINCT (${key.join(', ')}));
      ALTER TABLE ${name} ${added.join(', ')}`
  }

  /** `silver.interactions` is `interactions` there. */
  #tableOf(table: Table): string {
    return this.#at(table.name.slice(table.name.indexOf('.') + 1))
  }

  #at(name: string): string {
    return `${quoted(this.#options.schema)}.${quoted(name)}`
  }
}

function definitionOf({ name, type }: Column): string {
  return `${quoted(name)} ${types[type]}`
}

export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

/** As JSON writes NUL: behind no backslash that is not itself written so. */
function withoutNul(json: string): string {
  return json.replaceAll(/(?<!\\)((?:\\\\)*)\\u0000/g, '$1\\ufffd')
}

/** Class 22: the value, 23: a constraint, 54: too large. */
function isOfTheData(error: unknown): error is pg.DatabaseError & { code: string } {
  return error instanceof pg.DatabaseError && /^(22|23|54)/.test(error.code ?? '')
}
