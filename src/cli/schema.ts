/** `inlet schema`: what is known of events, what was seen, and what becomes known. */
import type { AddCommand } from './command-line.ts'
import { examples } from './command-line.ts'
import { addApprove } from './schema/approve.ts'
import { addDiff } from './schema/diff.ts'
import { addList } from './schema/list.ts'
import { addSync } from './schema/sync.ts'

export const addSchema: AddCommand = (program, shell) => {
  const parent = program
    .command('schema')
    .summary('schemas of events: list, diff, approve, sync')
    .description(
      'Each topic of Genesys, and each event type without one, has a schema. What an event has beside it is told in silver.violations and masked until it is approved; it stops nothing.',
    )
    .addHelpText('after', examples('inlet schema list', 'inlet schema diff --help'))
  for (const add of [addList, addDiff, addApprove, addSync]) add(parent, shell)
}
