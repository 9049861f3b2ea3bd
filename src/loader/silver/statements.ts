/**
 * Bronze to silver, set by set: every row of silver of a slice of events.
 *
 * Guarantee: pure in the events, and total. Whatever JSON a body holds, its event is in exactly one
 * table (or, of several values, in several rows of it), and a value that does not fit its column is
 * null there and told in `silver.violations`. Events are routed by dialect and type
 * (./mappings.ts); `silver.other_events` takes those that no mapping does.
 *
 * Limit: bodies are JSON, in UTF-8, not nested deeper than 512, without lone surrogates or NUL.
 */
import type { SqlRow, SqlRunner } from '../../lake/sql/duckdb.ts'
import { identifier, literal, qualified } from '../../lake/sql/quote.ts'
import { otherEvents, silverTables, violations } from '../../tables/silver.ts'
import type { Table } from '../../tables/table.ts'
import { schemaTopicSql } from '../topic-kind.ts'
import { gatherShapes, shapes } from './gather-shapes.ts'
import { type Route, routesOf } from './mapping.ts'
import { mappings } from './mappings.ts'
import { maskedRows, type ReadRows } from './masked-rows.ts'
import type { Masks } from './masks.ts'
import { narrowedTo } from './members.ts'
import { filledBy, readMapping, violationType } from './read-mapping.ts'
import { readOthers } from './read-others.ts'

/** Events as a relation of an engine, with the columns of `bronze.arrivals` that silver needs. */
export interface Slice {
  readonly engine: Pick<SqlRunner, 'run' | 'rows'>
  /** The name of a table, whose rows have ids, quoted. It is read several times. */
  readonly relation: string
}

export interface SilverStatement {
  readonly table: Table
  /** Gives the columns of the table, in order and of their types; cheap to run many times. */
  readonly select: string
  /** The columns that may have values, any other is null in every row; left out for all. */
  readonly filled?: ReadonlySet<string>
}

export interface SilverStatements {
  /** To be run first, in order. */
  readonly prepare: readonly string[]
  /** None for a table that has no rows. */
  readonly statements: readonly SilverStatement[]
  /** To be run at the end, also after a failure. */
  readonly discard: readonly string[]
}

export interface ReadStatements extends SilverStatements {
  /** What they mask, until they are discarded. */
  readonly read: readonly ReadRows[]
}

const workSchema = 'silver_work'
const discard = [`DROP SCHEMA IF EXISTS ${workSchema} CASCADE`, `DROP TABLE IF EXISTS ${shapes}`]

/**
 * Reads the slice into tables of the engine, and says how to take the rows from there. Until they
 * are discarded, the shapes of its bodies are there to be judged.
 */
export async function silverStatements(slice: Slice, masks: Masks): Promise<ReadStatements> {
  const { engine, relation } = slice
  try {
    await engine.run(`CREATE SCHEMA IF NOT EXISTS ${workSchema}`)
    const members = await gatherShapes(engine, relation)
    const { present, areOthers } = await presentRoutes(slice)
    const narrowed = present.map((route) => narrowedTo(route, members))
    const read = filledTables(narrowed, areOthers)
    for (const { rows, table, filled } of read)
      await engine.run(`CREATE OR REPLACE TABLE ${rows} (${workColumns(table, filled)})`)
    let areOdd = false
    for (const route of narrowed) areOdd = (await readInto(slice, masks, route)) || areOdd
    if (areOthers)
      await engine.run(`INSERT INTO ${work(otherEvents)} ${readOthers(present, relation, masks)}`)
    const { prepare, statements } = maskedRows(read, { schema: workSchema, masks })
    for (const sql of prepare) await engine.run(sql)
    const told = areOdd ? [{ table: violations, select: violationRows(read) }] : []
    return { prepare: [], statements: [...statements, ...told], discard, read }
  } catch (error) {
    for (const sql of discard) await engine.run(sql)
    throw error
  }
}

const routes = mappings.flatMap(routesOf)

interface Present {
  readonly present: readonly Route[]
  /** Whether there are events that none of them takes. */
  readonly areOthers: boolean
}

/** Planning what is not there would cost as much as reading thousands of events. */
async function presentRoutes({ engine, relation }: Slice): Promise<Present> {
  const types = mappings.flatMap(({ eventTypes }) => eventTypes).map(literal)
  // A sender may tell as many types as events.
  const type = `CASE WHEN event_type IN (${types.join(', ')}) THEN event_type END AS type`
  const found = await engine.rows(`SELECT DISTINCT dialect, ${type} FROM ${relation}`)
  const takes = ({ dialect, mapping }: Route, event: SqlRow) =>
    event['dialect'] === dialect && mapping.eventTypes.includes(String(event['type']))
  return {
    present: routes.filter((route) => found.some((event) => takes(route, event))),
    areOthers: found.some((event) => !routes.some((route) => takes(route, event))),
  }
}

/** Those that get rows, with the columns that any of the routes fills. */
function filledTables(present: readonly Route[], areOthers: boolean): readonly ReadRows[] {
  return silverTables.flatMap((table) => {
    const own = present.filter(({ mapping }) => mapping.table === table)
    const isOther = areOthers && table === otherEvents
    if (own.length === 0 && !isOther) return []
    const names = isOther
      ? table.columns.map(({ name }) => name)
      : own.flatMap(({ mapping }) => [...filledBy(mapping)])
    return [{ table, rows: work(table), filled: new Set(names) }]
  })
}

/** Resolves to whether anything may deviate. */
async function readInto(slice: Slice, masks: Masks, route: Route): Promise<boolean> {
  const { engine, relation: batch } = slice
  const table = work(route.mapping.table)
  await engine.run(
    `INSERT INTO ${table} BY NAME ${readMapping(route, { batch, masks, way: 'quick' })}`,
  )
  const [found] = await engine.rows(`SELECT count_if(odd)::INTEGER AS odd FROM ${table}`)
  if (Number(found?.['odd']) === 0) return false
  const odd = qualified(`${workSchema}.odd`)
  const place = 'journal_id, journal_partition, position'
  await engine.run(`CREATE OR REPLACE TABLE ${odd} AS
    SELECT * FROM ${batch} SEMI JOIN (FROM ${table} WHERE odd) USING (${place})`)
  // An event is read again as a whole; where one has several mappings, each has a row of its own.
  const isRead =
    route.mapping.lists === undefined ? 'odd' : `(${place}) IN (SELECT (${place}) FROM ${odd})`
  await engine.run(`DELETE FROM ${table} WHERE ${isRead}`)
  const exact = readMapping(route, { batch: odd, masks, way: 'exact' })
  await engine.run(`INSERT INTO ${table} BY NAME ${exact}`)
  return true
}

/** The columns of the table that are filled, and what becomes rows of `silver.violations`. */
function workColumns({ columns }: Table, filled: ReadonlySet<string>): string {
  const own = columns
    .filter(({ name }) => filled.has(name))
    .map(({ name, type }) => `${identifier(name)} ${type}`)
  const found = ['violations_topic VARCHAR', `violations ${violationType}[]`, 'odd BOOLEAN']
  return [...own, ...found].join(', ')
}

function work({ name }: Table): string {
  return qualified(name.replace(/^silver\./, `${workSchema}.`))
}

/** What deviates is told of the kind of event, not of the ids that stand in its topic. */
const template = schemaTopicSql(
  'violations_topic',
  mappings.flatMap(({ eventTypes }) => eventTypes),
)

/** Of these columns of `silver.violations` all else follows, but what is told of its row. */
const ofViolations: Readonly<Record<string, string>> = {
  journal_id: 'journal_id',
  journal_partition: 'journal_partition',
  position: 'position',
  topic: template,
  path: 'violation.path',
  rule: 'violation.rule',
}

const ofRow = ['participant_id', 'session_id', 'media_type', 'direction', 'queue_id', 'user_id']

/** Once an event, path and rule, however many rows the event has. */
function violationRows(read: readonly ReadRows[]): string {
  const notOwn = ['topic', 'schema_version', 'path', 'rule', 'type_seen']
  const common = violations.columns.filter(({ name }) => !notOwn.includes(name))
  const found = read.map(({ rows, filled }) => {
    const kept = common.map(({ name, type }) =>
      filled.has(name) ? identifier(name) : `NULL::${type} AS ${identifier(name)}`,
    )
    return `SELECT ${kept.join(', ')}, violations_topic, unnest(violations) AS violation
      FROM ${rows} WHERE violations IS NOT NULL`
  })
  const columns = violations.columns.map(({ name, type }) => {
    return `(${ofViolations[name] ?? ofAll(name)})::${type} AS ${identifier(name)}`
  })
  return `SELECT ${columns.join(', ')} FROM (${found.join(' UNION ALL ')})
    GROUP BY ${Object.values(ofViolations).join(', ')}`
}

/** What all rows of it say; of what tells a row apart nothing where they differ. */
function ofAll(name: string): string {
  if (name === 'schema_version') return 'NULL'
  if (name === 'type_seen') return 'min(violation.type_seen)'
  const quoted = identifier(name)
  const least = `min(${quoted})`
  return ofRow.includes(name) ? `CASE WHEN ${least} = max(${quoted}) THEN ${least} END` : least
}
