/** The SQL that takes the events of a batch that are read no other way. */
import { identifier } from '../../lake/sql/quote.ts'
import { otherEvents } from '../../tables/silver.ts'
import type { Route } from './mapping.ts'
import type { Masks } from './masks.ts'
import { common, takenBy } from './read-mapping.ts'

export function readOthers(routes: readonly Route[], batch: string, masks: Masks): string {
  const own: Readonly<Record<string, string>> = {
    dialect: 'dialect',
    topic: 'topic',
    body: masks.maskJson?.('', 'body') ?? 'NULL',
  }
  const columns = otherEvents.columns.map(
    ({ name, type }) => `${own[name] ?? common[name] ?? 'NULL'}::${type} AS ${identifier(name)}`,
  )
  const rest = routes.map((route) => `(${takenBy(route)}) IS NOT TRUE`)
  return `SELECT ${columns.join(', ')}, NULL AS violations_topic, NULL AS violations, false AS odd
FROM ${batch} WHERE ${['true', ...rest].join(' AND ')}`
}
