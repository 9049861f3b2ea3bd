/**
 * What a row of bronze tells as a tally; see `src/ingress/tally-note.ts`. SQL on the columns of
 * `bronze.arrivals`, for whoever sums the books.
 */

/** True of a tally. */
export const isTally = `(outcome = 'note' AND reason = 'tally')`

/**
 * A number that a tally holds, null elsewhere. A detail that is no JSON must not be looked into, in
 * whatever order DuckDB filters.
 */
export function talliedSql(name: string): string {
  return `CASE WHEN ${isTally} THEN (detail ->> '$.${name}')::BIGINT END`
}

/** Requests that were refused, whatever the reason; null where it is no tally. */
export const refusedSql = `CASE WHEN ${isTally} THEN list_sum(map_values(
  from_json(detail -> '$.refused', '"MAP(VARCHAR, BIGINT)"')))::BIGINT END`
