/**
 * Bronze to silver, set by set: the SQL that makes rows of every silver table of a batch of events.
 *
 * Guarantee: total and pure. Whatever JSON a body holds, its event is in exactly one table (or, of
 * several values, in several rows of it), and a value that does not fit its column is null there
 * and told in `silver.violations`. Events are routed by dialect and type; `silver.other_events`
 * takes those that no mapping does.
 *
 * Limit: bodies are JSON, in UTF-8, not nested deeper than 512, without lone surrogates or NUL.
 */
import { identifier, qualified } from '../../lake/sql/quote.ts'
import { otherEvents, silverTables, violations } from '../../tables/silver.ts'
import type { Table } from '../../tables/table.ts'
import { conversationEventMapping } from './conversation-events.ts'
import type { Mapping } from './mapping.ts'
import type { Masks } from './masks.ts'
import { readMapping, violationType } from './read-mapping.ts'
import { readOthers } from './read-others.ts'

export interface SilverStatement {
  readonly table: Table
  /** Gives the columns of the table, in order and of their types; cheap to run many times. */
  readonly select: string
}

export interface SilverStatements {
  /** To be run first, in order, by the engine that has the batch: tables of its work. */
  readonly prepare: readonly string[]
  /** One for each table of silver. */
  readonly statements: readonly SilverStatement[]
  /** To be run at the end, also after a failure; they may be run without `prepare`. */
  readonly discard: readonly string[]
}

/** What is read for which table; what none of them takes is an other event. */
const mappings: readonly Mapping[] = [conversationEventMapping]

/**
 * `batch` names a relation with the columns of `bronze.arrivals` that rows of silver need, of
 * events alone. It is read several times.
 */
export function silverStatements(batch: string, how: Masks): SilverStatements {
  const read: readonly (readonly [Table, string])[] = [
    ...mappings.map((mapping) => [mapping.table, readMapping(mapping, batch, how)] as const),
    [otherEvents, readOthers(mappings, batch, how)],
  ]
  const tables = silverTables.filter((table) => table !== violations)
  return {
    prepare: [
      `CREATE SCHEMA IF NOT EXISTS ${identifier(workSchema)}`,
      ...tables.map((table) => `CREATE OR REPLACE TABLE ${work(table)} (${workColumns(table)})`),
      ...read.map(([table, select]) => `INSERT INTO ${work(table)} ${select}`),
    ],
    statements: [
      ...tables.map((table) => ({ table, select: `SELECT ${names(table)} FROM ${work(table)}` })),
      { table: violations, select: violationRows(tables) },
    ],
    discard: tables.map((table) => `DROP TABLE IF EXISTS ${work(table)}`),
  }
}

const workSchema = 'silver_work'

/** The columns of the table, and what becomes rows of `silver.violations`. */
function workColumns({ columns }: Table): string {
  const own = columns.map(({ name, type }) => `${identifier(name)} ${type}`)
  return [...own, 'violations_topic VARCHAR', `violations ${violationType}[]`].join(', ')
}

function work({ name }: Table): string {
  return qualified(name.replace(/^silver\./, `${workSchema}.`))
}

function names({ columns }: Table): string {
  return columns.map(({ name }) => identifier(name)).join(', ')
}

/** Identifiers of events stand in topics; a violation is told of the kind. */
const template = `coalesce(regexp_replace(violations_topic,
  '[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}', '{id}', 'g'), event_type)`

function violationRows(tables: readonly Table[]): string {
  const found = tables.map(
    (table) => `SELECT * EXCLUDE (violations), unnest(violations) AS violation
      FROM (SELECT ${common.join(', ')}, violations_topic, violations FROM ${work(table)}
        WHERE violations IS NOT NULL)`,
  )
  const own: Readonly<Record<string, string>> = {
    topic: template,
    schema_version: 'NULL',
    path: 'violation.path',
    rule: 'violation.rule',
    type_seen: 'violation.type_seen',
  }
  const columns = violations.columns.map(
    ({ name, type }) => `${own[name] ?? identifier(name)}::${type} AS ${identifier(name)}`,
  )
  return `SELECT ${columns.join(', ')} FROM (${found.join(' UNION ALL ')})`
}

const common = violations.columns
  .map(({ name }) => name)
  .filter((name) => !['topic', 'schema_version', 'path', 'rule', 'type_seen'].includes(name))
  .map(identifier)
