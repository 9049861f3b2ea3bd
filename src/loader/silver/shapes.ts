/**
 * Judges the events of a slice by their shape, each shape once: of those that have the same, which
 * ./gather-shapes.ts tells, DuckDB is asked for the shape of one.
 *
 * Guarantee: what is told of an event depends on it and the schemas alone, not on the slice (I7).
 */
import type { SqlEngine, SqlRow } from '../../lake/sql/duckdb.ts'
import { identifier, literal } from '../../lake/sql/quote.ts'
import type { Schemas } from '../../schemas/registry.ts'
import { schemaTopic } from '../../schemas/topic.ts'
import { violations } from '../../tables/silver.ts'
import type { EventSlice } from './event-slice.ts'
import { partOf, representatives, shapes } from './gather-shapes.ts'
import type { SilverStatements } from './statements.ts'

export interface ShapeJudgement {
  /** A SELECT of rows of `silver.violations`; cheap to run many times. */
  readonly violations: string
  /** To be run at the end. */
  readonly discard: readonly string[]
  readonly topics: readonly TopicCount[]
}

/** Of one topic, in one slice. */
export interface TopicCount {
  readonly topic: string
  /** Null where no schema is known. */
  readonly version: string | null
  readonly events: number
  /** Events with at least one deviation. */
  readonly deviating: number
}

const deviations = 'silver_deviations'
const deviating = identifier('silver_deviating')
const known = 'silver_schema_versions'

/** Of a slice whose shapes are gathered. */
export async function judgeShapes(slice: EventSlice, schemas: Schemas): Promise<ShapeJudgement> {
  const { engine, relation } = slice
  const groups = await engine.rows(`
    SELECT slice.rowid::VARCHAR AS row, slice.dialect AS dialect, slice.topic AS topic,
      slice.event_type AS event_type, events, json_structure(${partOf('slice')})::VARCHAR AS shape
    FROM ${relation} slice JOIN (${representatives}) one ON one.row = slice.rowid
    ORDER BY slice.rowid`)
  const judged = groups.map((group) => judgeGroup(group, schemas))
  await keep(engine, judged)
  await engine.run(`
    CREATE OR REPLACE TABLE ${deviating} AS
    SELECT shapes.row AS row, told.* EXCLUDE (row)
    FROM ${shapes} shapes
    JOIN (${representatives}) one ON one.shape = shapes.shape
    JOIN ${identifier(deviations)} told ON told.row = one.row`)
  await keepVersions(engine, schemas)
  return {
    violations: violationRows(relation),
    discard: [identifier(deviations), deviating, identifier(known)].map(
      (table) => `DROP TABLE IF EXISTS ${table}`,
    ),
    topics: countTopics(judged),
  }
}

interface JudgedGroup {
  readonly row: string
  readonly topic: string
  readonly version: string | null
  readonly events: number
  readonly found: ReturnType<Schemas['judge']>
}

function judgeGroup(group: SqlRow, schemas: Schemas): JudgedGroup {
  const subject = {
    dialect: String(group['dialect']),
    topic: group['topic'] === null ? null : String(group['topic']),
    eventType: String(group['event_type']),
  }
  const topic = schemaTopic(subject)
  return {
    row: String(group['row']),
    topic,
    version: schemas.version(topic),
    events: Number(group['events']),
    found: schemas.judge(subject, String(group['shape'])),
  }
}

async function keep(engine: SqlEngine, judged: readonly JudgedGroup[]): Promise<void> {
  await engine.run(`CREATE OR REPLACE TABLE ${identifier(deviations)} (row BIGINT, topic VARCHAR,
    schema_version VARCHAR, path VARCHAR, rule VARCHAR, type_seen VARCHAR)`)
  await engine.use(async (connection) => {
    const appender = await connection.createAppender(deviations)
    const append = (text: string | null) =>
      text === null ? appender.appendNull() : appender.appendVarchar(text)
    for (const { row, topic, version, found } of judged) {
      for (const { path, rule, typeSeen } of found) {
        appender.appendBigInt(BigInt(row))
        for (const text of [topic, version, path, rule, typeSeen]) append(text)
        appender.endRow()
      }
    }
    appender.closeSync()
  })
}

function keepVersions(engine: SqlEngine, schemas: Schemas): Promise<void> {
  const values = schemas.all.map(({ topic, version }) => `(${literal(topic)}, ${literal(version)})`)
  const rows = values.length === 0 ? "SELECT '', '' WHERE false" : `VALUES ${values.join(', ')}`
  return engine.run(
    `CREATE OR REPLACE TABLE ${identifier(known)} AS SELECT * FROM (${rows}) AS v(topic, version)`,
  )
}

const told = ['topic', 'schema_version', 'path', 'rule', 'type_seen']
const ofEvent = [
  ...['event_id', 'org_id', 'source', 'event_type', 'event_time', 'received_at'],
  ...['conversation_id', 'journal_id', 'journal_partition', 'position'],
]

function violationRows(relation: string): string {
  const columns = violations.columns.map(({ name, type }) => {
    const quoted = identifier(name)
    if (told.includes(name)) return `told.${quoted}::${type} AS ${quoted}`
    if (ofEvent.includes(name)) return `slice.${quoted}::${type} AS ${quoted}`
    const value = name === 'date' ? 'coalesce(slice.event_time, slice.received_at)::DATE' : 'NULL'
    return `${value}::${type} AS ${quoted}`
  })
  return `SELECT ${columns.join(', ')}
    FROM ${relation} slice JOIN ${deviating} told ON told.row = slice.rowid`
}

function countTopics(judged: readonly JudgedGroup[]): TopicCount[] {
  const counts = new Map<string, TopicCount>()
  for (const { topic, version, events, found } of judged) {
    const before = counts.get(topic) ?? { topic, version, events: 0, deviating: 0 }
    const deviating = before.deviating + (found.length > 0 ? events : 0)
    counts.set(topic, { ...before, events: before.events + events, deviating })
  }
  return [...counts.values()]
}

/**
 * The statements with what shapes tell, and with the version that values were held against. A text
 * that could be read as the schema says is not told of where its value was: it could not.
 */
export function withShapes(
  { prepare, statements, discard }: SilverStatements,
  judgement: ShapeJudgement,
): SilverStatements {
  const versioned = (select: string) => `
    SELECT found.* REPLACE (coalesce(found.schema_version, known.version) AS schema_version)
    FROM (${select}) found LEFT JOIN ${identifier(known)} known ON known.topic = found.topic`
  const ofValues = statements.find(({ table }) => table === violations)?.select
  const others = statements.filter(({ table }) => table !== violations)
  const place = ['journal_id', 'journal_partition', 'position', 'path']
  const isSame = place.map((name) => `shape.${name} = value.${name}`).join(' AND ')
  const isDeviating = judgement.topics.some(({ deviating }) => deviating > 0)
  const ofShapes =
    ofValues === undefined
      ? judgement.violations
      : `FROM (${judgement.violations}) shape ANTI JOIN (${ofValues}) value
          ON shape.rule = 'type_converted' AND ${isSame}`
  const told = [
    ...(ofValues === undefined ? [] : [versioned(ofValues)]),
    ...(isDeviating ? [ofShapes] : []),
  ]
  return {
    prepare,
    statements: [...others, ...told.map((select) => ({ table: violations, select }))],
    discard: [...discard, ...judgement.discard],
  }
}
