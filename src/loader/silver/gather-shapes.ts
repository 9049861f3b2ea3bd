/**
 * Gathers the events of a slice by the shape of what their schema describes, without making every
 * shape: DuckDB's `json_structure` costs several times the parse of a body.
 *
 * A body is parsed once, as a map of its members: their names, in order, and what each value is
 * make up the shape. Most values are texts, which the first letter of their JSON tells; only of
 * others the structure is made, and of what is no object at all.
 *
 * Guarantee: events with one `shape` have the same dialect, type, kind of topic and shape, up to
 * collisions of 64 bits.
 */
import type { SqlRunner } from '../../lake/sql/duckdb.ts'
import { identifier, literal } from '../../lake/sql/quote.ts'
import { topicKind } from '../topic-kind.ts'
import { topicRoots } from './mapping.ts'
import { type Member, namesOfFields } from './members.ts'
import { readAt } from './places.ts'

/** Columns `row`, the rowid of the event, and `shape`; of events whose body has such a part. */
export const shapes = identifier('silver_shapes')

/** The first event of each shape, as `row`, and how many there are. */
export const representatives = `SELECT shape, min(row) AS row, count(*)::DOUBLE AS events
  FROM ${shapes} GROUP BY shape`

/** Where the part lies that a schema describes; of other dialects it is the body. */
const roots: ReadonlyMap<string, string> = new Map(Object.entries(topicRoots))

/** That part of `event`, a row of the slice, as JSON. */
export const partOf = (event: string) => {
  const cases = [...roots].map(
    ([dialect, root]) =>
      `WHEN ${literal(dialect)} THEN json_extract(${event}.body, ${literal(`$.${root}`)})`,
  )
  return `CASE ${event}.dialect ${cases.join(' ')} ELSE ${event}.body::JSON END`
}

/** Resolves to the members of bodies that mappings may read. */
export async function gatherShapes(
  engine: Pick<SqlRunner, 'run' | 'rows'>,
  relation: string,
): Promise<readonly Member[]> {
  const others = `dialect NOT IN (${[...roots.keys()].map(literal).join(', ')})`
  const selects = [
    ...[...roots].map(([dialect, root]) =>
      shapesOf(`${relation} WHERE dialect = ${literal(dialect)}`, root),
    ),
    shapesOf(`${relation} WHERE ${others}`, ''),
  ]
  await engine.run(`CREATE OR REPLACE TABLE ${shapes} AS ${selects.join(' UNION ALL ')}`)
  return membersOf(engine, relation)
}

/** In JSON, texts come before `-`, and all else after it. */
const structure = `CASE WHEN value::VARCHAR < '-' THEN 'text'
  ELSE json_structure(value)::VARCHAR END`

function shapesOf(events: string, root: string): string {
  return `
    SELECT row, hash(dialect, event_type, kind, other, map_keys(members),
      list_transform(map_values(members), lambda value: ${structure})) AS shape
    FROM (SELECT *,
        CASE WHEN members IS NULL THEN json_structure(${partOf('slice')})::VARCHAR END AS other
      FROM (SELECT rowid AS row, *, ${topicKind} AS kind,
          ${readAt(root, 'MAP(VARCHAR, JSON)')} AS members
        FROM ${events}) AS slice)
    WHERE members IS NOT NULL OR other IS NOT NULL`
}

async function membersOf(
  engine: Pick<SqlRunner, 'rows'>,
  relation: string,
): Promise<readonly Member[]> {
  const wanted = [...namesOfFields].map(literal).join(', ')
  const found = await engine.rows(`
    SELECT DISTINCT dialect, event_type, name, type
    FROM (SELECT dialect, event_type, unnest(json_keys(part)) AS name,
        unnest(json_type(part, '$.*')) AS type
      FROM (SELECT one.dialect, one.event_type, ${partOf('one')} AS part
        FROM ${relation} one JOIN (${representatives}) ON row = one.rowid))
    WHERE name IN (${wanted})`)
  return found.map(({ dialect, event_type, name, type }) => ({
    dialect: String(dialect),
    eventType: String(event_type),
    name: String(name),
    type: String(type),
  }))
}
