/**
 * Gathers the events of a slice by the shape of what their schema describes, without making every
 * shape: DuckDB's `json_structure` costs several times the parse of a body.
 *
 * An outline is a hash of what tells the shape, which is most of what this costs. Names of members
 * and their types, in order, tell that of a flat object; of one with lists of plain values, the
 * lengths of lists and the types of elements too. Of other objects the same is asked for what lies
 * one level below. Only what is deeper still, and what is no object, has its shape made.
 *
 * Guarantee: events with one `shape` have the same dialect, type, kind of topic and shape, up to
 * collisions of 64 bits.
 */
import type { SqlRunner } from '../../lake/sql/duckdb.ts'
import { identifier, literal } from '../../lake/sql/quote.ts'
import { topicKind } from '../topic-kind.ts'
import { topicRoots } from './mapping.ts'
import { type Member, namesOfFields } from './members.ts'

/** Columns `row`, the rowid of the event, and `shape`; of events whose body has such a part. */
export const shapes = identifier('silver_shapes')

/** The first event of each shape, as `row`, and how many there are. */
export const representatives = `SELECT shape, min(row) AS row, count(*)::DOUBLE AS events
  FROM ${shapes} GROUP BY shape`

/** Where the part lies that a schema describes; the rest have it all. */
const places: ReadonlyMap<string, string> = new Map(
  Object.entries(topicRoots).map(([dialect, root]) => [dialect, `$.${root}`]),
)

/** That part of `event`, a row of the slice, as JSON. */
export const partOf = (event: string) => {
  const cases = [...places].map(
    ([dialect, place]) =>
      `WHEN ${literal(dialect)} THEN json_extract(${event}.body, ${literal(place)})`,
  )
  return `CASE ${event}.dialect ${cases.join(' ')} ELSE ${event}.body::JSON END`
}

const outlines = identifier('silver_outlines')
const firsts = identifier('silver_outline_firsts')
const others = identifier('silver_outline_others')

/** Resolves to the members of bodies that mappings may read. */
export async function gatherShapes(
  engine: Pick<SqlRunner, 'run' | 'rows'>,
  relation: string,
): Promise<readonly Member[]> {
  await engine.run(`CREATE OR REPLACE TABLE ${outlines} AS ${outlinesOf(relation)}`)
  // Each step is a table: in one statement, DuckDB takes parts out of more bodies than it needs.
  await engine.run(`
    CREATE OR REPLACE TABLE ${firsts} AS
    SELECT outline, dialect, event_type, part, len(json_keys(part)) > 0 AS is_object, ${isPlain}
    FROM (SELECT outline, one.dialect AS dialect, one.event_type AS event_type,
        ${partOf('one')} AS part
      FROM (SELECT outline, min(row) AS row FROM ${outlines} GROUP BY outline)
      JOIN ${relation} one ON one.rowid = row)
    WHERE part IS NOT NULL`)
  await engine.run(`CREATE OR REPLACE TABLE ${others} AS ${othersOf(relation)}`)
  await engine.run(`
    CREATE OR REPLACE TABLE ${shapes} AS
    SELECT row, outline AS shape FROM ${outlines} SEMI JOIN (FROM ${firsts} WHERE is_plain)
      USING (outline)
    UNION ALL SELECT row, outline AS shape FROM ${others} WHERE NOT is_deep
    UNION ALL SELECT row, hash(outline, json_structure(part)) AS shape
    FROM (SELECT row, outline, ${partOf('slice')} AS part
      FROM ${others} JOIN ${relation} slice ON slice.rowid = row WHERE is_deep)`)
  const members = await membersOf(engine)
  for (const table of [outlines, firsts, others]) await engine.run(`DROP TABLE ${table}`)
  return members
}

/** Two events with one outline are both plain or both not. */
const isPlain = `coalesce(len(json_keys(part)) > 0
  AND NOT list_contains(json_type(part, '$.*'), 'OBJECT')
  AND NOT list_has_any(json_type(part, '$.*[*]'), ['OBJECT', 'ARRAY']), false) AS is_plain`

/** A constant path is read faster than a part that was taken out. */
const byDialect: readonly { readonly isTaken: string; readonly place: string }[] = [
  ...[...places].map(([dialect, place]) => ({ isTaken: `dialect = ${literal(dialect)}`, place })),
  { isTaken: `dialect NOT IN (${[...places.keys()].map(literal).join(', ')})`, place: '$' },
]

function outlinesOf(relation: string): string {
  const selects = byDialect.map(({ isTaken, place }) => {
    const at = (path: string) => literal(`${place}${path}`)
    return `
      SELECT row, hash(dialect, event_type, kind, json_keys(body, ${at('')}), types,
        CASE WHEN list_contains(types, 'ARRAY') THEN hash(json_type(body, ${at('.*[*]')}),
          json_array_length(body, ${at('.*')})) END) AS outline
      FROM (SELECT rowid AS row, dialect, event_type, ${topicKind} AS kind, body,
          json_type(body, ${at('.*')}) AS types
        FROM ${relation} WHERE ${isTaken})`
  })
  return selects.join(' UNION ALL ')
}

/** With what lies in members and in elements of lists; deep where that is not all. */
function othersOf(relation: string): string {
  const selects = byDialect.map(({ isTaken, place }) => {
    const at = (path: string) => literal(`${place}${path}`)
    return `
      SELECT row, hash(outline, json_keys(body, ${at('.*')}), in_members,
          json_keys(body, ${at('.*[*]')}), in_elements) AS outline,
        NOT is_object OR list_has_any(in_members || in_elements, ['OBJECT', 'ARRAY'])
          OR list_contains(json_type(body, ${at('.*[*]')}), 'ARRAY') AS is_deep
      FROM (SELECT row, outline, is_object, body, json_type(body, ${at('.*.*')}) AS in_members,
          json_type(body, ${at('.*[*].*')}) AS in_elements
        FROM ${outlines} JOIN (FROM ${firsts} WHERE NOT is_plain) USING (outline)
        JOIN ${relation} slice ON slice.rowid = row WHERE slice.${isTaken})`
  })
  return selects.join(' UNION ALL ')
}

async function membersOf(engine: Pick<SqlRunner, 'rows'>): Promise<readonly Member[]> {
  const wanted = [...namesOfFields].map(literal).join(', ')
  const found = await engine.rows(`
    SELECT DISTINCT dialect, event_type, name, type
    FROM (SELECT dialect, event_type, unnest(json_keys(part)) AS name,
        unnest(json_type(part, '$.*')) AS type FROM ${firsts})
    WHERE name IN (${wanted})`)
  return found.map(({ dialect, event_type, name, type }) => ({
    dialect: String(dialect),
    eventType: String(event_type),
    name: String(name),
    type: String(type),
  }))
}
