/**
 * Names behind the ids that events carry, as Genesys Cloud lists them, with the time in which each
 * was so: one row for each state of a thing that was seen. A change is known to the sync that finds
 * it, so that intervals are as exact as `names.every`.
 */
import { column, measured, personal } from './columns.ts'
import type { Column, Table } from './table.ts'

const text = (name: string, description: string) => column(name, 'VARCHAR', description)
const time = (name: string, description: string) => column(name, 'TIMESTAMPTZ', description)

/** Columns that every such table has beside what is said of the thing. */
export const nameKeys = ['org_id', 'id', 'valid_from', 'valid_to'] as const

function names(
  kind: string,
  thing: string,
  parts: { readonly name?: Column; readonly own?: readonly Column[] } = {},
): Table {
  const what = kind.replace('wrapup_', 'wrap-up ')
  const { name = text('name', 'What it was called.'), own = [] } = parts
  return {
    name: `silver.${kind}`,
    description: `Names of ${what}, as Genesys Cloud lists them, and when each was so.`,
    row: `a state of ${thing}`,
    partitionedBy: [],
    columns: [
      text('org_id', 'The Genesys organisation.'),
      measured(text('id', 'What events name it by.')),
      name,
      ...own,
      measured(time('valid_from', 'When it was first seen so.')),
      measured(
        time('valid_to', 'When it was first seen otherwise, or not at all; null while it is so.'),
      ),
    ],
  }
}

const division = text('division_id', 'The division it belongs to.')

export const users = names('users', 'a user', {
  name: personal(text('name', 'What the user was called.'), 'user.name'),
  own: [
    division,
    personal(text('email', 'The address of the user.'), 'user.email'),
    text('state', '`active`, `inactive` or `deleted`.'),
  ],
})
export const queues = names('queues', 'a queue', { own: [division] })
export const wrapUpCodes = names('wrapup_codes', 'a wrap-up code', { own: [division] })
export const divisions = names('divisions', 'a division')
export const skills = names('skills', 'a skill', { own: [text('state', 'Such as `active`.')] })
export const flows = names('flows', 'a flow', {
  own: [division, text('type', 'Such as `INBOUNDCALL`.')],
})
export const presences = names('presences', 'a presence', {
  own: [text('system_presence', 'What it counts as, such as `Available`.')],
})

export const nameTables: readonly Table[] = [
  users,
  queues,
  wrapUpCodes,
  divisions,
  skills,
  flows,
  presences,
]
