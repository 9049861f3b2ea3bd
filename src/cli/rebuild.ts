/** `inlet rebuild`: makes a layer of the lake anew. */
import { Argument } from 'commander'
import type { RebuildSettings } from '../app/rebuild.ts'
import type { RebuildReport } from '../loader/progress/staged-table.ts'
import type { AddCommand } from './command-line.ts'
import { actionBehindTheDoor, examples } from './command-line.ts'
import { progress } from './progress.ts'
import { secretSource, withVoice } from './role-process.ts'
import { columns, counted } from './text.ts'

export const addRebuild: AddCommand = (program, shell) => {
  program
    .command('rebuild')
    .summary('make silver anew, out of bronze, and gold behind it, or gold alone')
    .description(
      'Makes every table of silver anew out of bronze, under the schemas and the rules of privacy of today, then every table of gold out of silver and bronze, by the `gold` of today; or gold alone. Each is put in the place of the old one in one commit. A loader may go on meanwhile, and readers see the old rows until then. Where it is stopped, it goes on when it is run again, unless schemas or rules have changed: then it begins anew. Rows stay as they are where retention has taken what they were made of, and are counted as kept.',
    )
    .addArgument(new Argument('<layer>', 'what to make anew').choices(['silver', 'gold']))
    .addHelpText('after', examples('inlet rebuild silver', 'inlet rebuild gold'))
    .action(
      actionBehindTheDoor(shell, async (invocation, command) => {
        const { config } = await invocation.config()
        const { rebuild } = await import('../app/rebuild.ts')
        const layer: RebuildSettings['layer'] = command.args[0] === 'gold' ? 'gold' : 'silver'
        return await withVoice(invocation, 'rebuild', async ({ observe: observer }) => {
          const deps = { ...shell.machine, observer, secretSource: await secretSource(shell) }
          const told = {
            silver: progress(invocation, 'positions are in silver'),
            gold: progress(invocation, 'positions are in tables of gold'),
          }
          const onProgress: RebuildSettings['onProgress'] = (at, ...done) => told[at](...done)
          const report = await rebuild(deps, config, { layer, signal: shell.stop, onProgress })
          invocation.print(report, textOf(report))
          return 0
        })
      }),
    )
}

const whyKept = `Kept as they were: rows of which retention took what they are made of.
They are of the rules of privacy under which they were made. inlet erase takes persons out of them,
a shorter lake.retention.silver takes them away.
`

function textOf({ tables }: RebuildReport): string {
  const lines = tables.map(({ table, rows, kept }) => {
    return [table, counted(rows, 'row'), ...(kept > 0 ? [`${counted(kept, 'row')} kept`] : [])]
  })
  const isKept = tables.some(({ kept }) => kept > 0)
  return `${columns(lines)}${isKept ? whyKept : ''}`
}
