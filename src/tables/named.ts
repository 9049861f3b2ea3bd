/**
 * Gold with the names that held at the time, put beside the ids when somebody asks: a rename makes
 * no file of gold anew. A name is looked for in the row's own organisation; the first that is known
 * of an id counts before it was seen too, and the last one after the thing was deleted. Null: no
 * list has ever had the id.
 */
import { agentIntervals, conversations, queueIntervals } from './gold.ts'
import { queues, users, wrapUpCodes } from './names.ts'
import type { JoinedView, Table } from './table.ts'

/** The names of a table as `name`, each with the times between which it is the one to tell. */
function known(as: string, { name }: Table): string {
  return `${as} AS (
  SELECT org_id, id, name, valid_from,
    lag(valid_from) OVER (PARTITION BY org_id, id ORDER BY valid_from) AS before,
    lead(valid_from) OVER (PARTITION BY org_id, id ORDER BY valid_from) AS until
  FROM ${name})`
}

/** Whether the row of `as` is the one of the id at the time. */
function holds(
  as: string,
  row: { readonly org: string; readonly id: string; readonly at: string },
) {
  const { org, id, at } = row
  return `${as}.org_id = ${org} AND ${as}.id = ${id}
    AND (${as}.before IS NULL OR ${at} >= ${as}.valid_from)
    AND (${as}.until IS NULL OR ${at} < ${as}.until)`
}

/** A view of a table with one id, its name beside all else. */
function named(table: Table, what: { names: Table; id: string; column: string }): JoinedView {
  const { names, id, column } = what
  const is = holds('known', { org: 'told.org_id', id: `told.${id}`, at: 'told.interval_start' })
  return {
    name: table.name.replace('.', '.named_'),
    description: `\`${table.name}\` with \`${column}\`, as it was when the interval began.`,
    tables: [table, names],
    isPortable: true,
    select: `WITH ${known('known', names)}
SELECT told.*, known.name AS ${column}
FROM ${table.name} AS told
  LEFT JOIN known ON ${is}`,
  }
}

function listed(as: string, { ids, names }: { ids: string; names: string }): string {
  const is = holds(as, { org: 'each.org_id', id: 'each.id', at: 'each.start_time' })
  return `${as}_of AS (
  SELECT conversation_id, org_id, list(name ORDER BY place) AS ${names} FROM (
    SELECT each.conversation_id, each.org_id, each.place, ${as}.name FROM (
      SELECT conversation_id, org_id, start_time, unnest(${ids}) AS id,
        generate_subscripts(${ids}, 1) AS place
      FROM ${conversations.name}) AS each
      LEFT JOIN ${as} ON ${is})
  GROUP BY conversation_id, org_id)`
}

const lists = [
  { as: 'queue', table: queues, ids: 'queue_ids', names: 'queue_names' },
  { as: 'agent', table: users, ids: 'user_ids', names: 'user_names' },
  { as: 'code', table: wrapUpCodes, ids: 'wrap_up_codes', names: 'wrap_up_names' },
]

const namedConversations: JoinedView = {
  name: 'gold.named_conversations',
  description:
    '`gold.conversations` with `queue_names`, `user_names` and `wrap_up_names`, as they were when it began, each in the place of its id.',
  tables: [conversations, ...lists.map(({ table }) => table)],
  isPortable: false,
  select: `WITH ${lists
    .flatMap(({ as, table, ...columns }) => [known(as, table), listed(as, columns)])
    .join(',\n')}
SELECT told.*, ${lists.map(({ names }) => `coalesce(${names}, []) AS ${names}`).join(', ')}
FROM ${conversations.name} AS told
${lists
  .map(
    ({ as }) => `  LEFT JOIN ${as}_of ON ${as}_of.conversation_id = told.conversation_id
    AND ${as}_of.org_id IS NOT DISTINCT FROM told.org_id`,
  )
  .join('\n')}`,
}

export const namedViews: readonly JoinedView[] = [
  namedConversations,
  named(queueIntervals, { names: queues, id: 'queue_id', column: 'queue_name' }),
  named(agentIntervals, { names: users, id: 'user_id', column: 'user_name' }),
]
