/**
 * Gathers the events of a slice by the shape of what their schema describes, without making every
 * shape: DuckDB's `json_structure` costs several times the parse of a body.
 *
 * Names of members and their types, in order, tell the shape of a flat object; of one with lists of
 * plain values, the lengths of lists and the types of elements too. They are hashed, which is most
 * of what this costs. Only other objects have their shape made.
 *
 * Guarantee: events with one `shape` have the same dialect, type, kind of topic and shape, up to
 * collisions of 64 bits.
 */
import type { SqlEngine } from '../../lake/sql/duckdb.ts'
import { identifier, literal } from '../../lake/sql/quote.ts'
import { topicKind } from '../topic-kind.ts'

/** Columns `row`, the rowid of the event, and `shape`; of events whose body has such a part. */
export const shapes = identifier('silver_shapes')

/** The first event of each shape, as `row`, and how many there are. */
export const representatives = `SELECT shape, min(row) AS row, count(*)::DOUBLE AS events
  FROM ${shapes} GROUP BY shape`

/** Where the part lies that a schema describes; the rest have it all. */
const places: ReadonlyMap<string, string> = new Map([
  ['eventbridge', '$.detail.eventBody'],
  ['notification', '$.eventBody'],
])

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

export async function gatherShapes(engine: SqlEngine, relation: string): Promise<void> {
  await engine.run(`CREATE OR REPLACE TABLE ${outlines} AS ${outlinesOf(relation)}`)
  // Each step is a table: in one statement, DuckDB takes parts out of more bodies than it needs.
  await engine.run(`
    CREATE OR REPLACE TABLE ${firsts} AS
    SELECT outline, slice.* FROM (SELECT outline, min(row) AS row FROM ${outlines} GROUP BY outline)
    JOIN ${relation} slice ON slice.rowid = row`)
  await engine.run(`
    CREATE OR REPLACE TABLE ${others} AS
    SELECT row, outline FROM ${outlines} JOIN (
      SELECT outline, coalesce(len(json_keys(part)) > 0
        AND NOT list_contains(json_type(part, '$.*'), 'OBJECT')
        AND NOT list_has_any(json_type(part, '$.*[*]'), ['OBJECT', 'ARRAY']), false) AS is_plain
      FROM (SELECT outline, ${partOf('one')} AS part FROM ${firsts} one)) USING (outline)
    WHERE NOT is_plain`)
  await engine.run(`
    CREATE OR REPLACE TABLE ${shapes} AS
    SELECT row, outline AS shape FROM ${outlines} ANTI JOIN ${others} USING (row)
    UNION ALL
    SELECT row, hash(outline, json_structure(part)) AS shape
    FROM (SELECT row, outline, ${partOf('slice')} AS part
      FROM ${others} JOIN ${relation} slice ON slice.rowid = row)
    WHERE part IS NOT NULL`)
  for (const table of [outlines, firsts, others]) await engine.run(`DROP TABLE ${table}`)
}

/**
 * Two events with one outline are both plain or both not. A constant path is read faster than a
 * part that was taken out.
 */
function outlinesOf(relation: string): string {
  const rest = `dialect NOT IN (${[...places.keys()].map(literal).join(', ')})`
  const selects = [
    ...[...places].map(([dialect, place]) => [`dialect = ${literal(dialect)}`, place] as const),
    [rest, '$'] as const,
  ].map(
    ([condition, place]) => `
      SELECT row, hash(dialect, event_type, kind, json_keys(body, ${literal(place)}), types,
        CASE WHEN list_contains(types, 'ARRAY')
          THEN hash(json_type(body, ${literal(`${place}.*[*]`)}),
            json_array_length(body, ${literal(`${place}.*`)})) END) AS outline
      FROM (SELECT rowid AS row, dialect, event_type, ${topicKind} AS kind, body,
          json_type(body, ${literal(`${place}.*`)}) AS types
        FROM ${relation} WHERE ${condition})`,
  )
  return selects.join(' UNION ALL ')
}
