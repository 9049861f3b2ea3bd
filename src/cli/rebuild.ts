/** `inlet rebuild`: makes a layer of the lake anew. */
import { Argument } from 'commander'
import type { RebuildReport } from '../loader/silver/rebuild.ts'
import type { AddCommand } from './command-line.ts'
import { action, examples } from './command-line.ts'
import { progress } from './progress.ts'
import { secretSource, withVoice } from './role-process.ts'
import { columns, counted } from './text.ts'

export const addRebuild: AddCommand = (program, shell) => {
  program
    .command('rebuild')
    .summary('make silver anew, out of bronze')
    .description(
      'Makes every table of silver anew out of bronze, under the schemas and the rules of privacy of today, and puts each in the place of the old one in one commit. A loader may go on meanwhile, and readers see the old rows until then. Where it is stopped, it goes on when it is run again.',
    )
    .addArgument(new Argument('<layer>', 'what to make anew').choices(['silver']))
    .addHelpText('after', examples('inlet rebuild silver'))
    .action(
      action(shell, async (invocation) => {
        const { config } = await invocation.config()
        const { rebuildSilverOf } = await import('../app/rebuild.ts')
        return await withVoice(invocation, 'rebuild', async ({ observe: observer }) => {
          const deps = { ...shell.machine, observer, secretSource: await secretSource(shell) }
          const onProgress = progress(invocation, 'positions')
          const report = await rebuildSilverOf(deps, config, { signal: shell.stop, onProgress })
          invocation.print(report, textOf(report))
          return 0
        })
      }),
    )
}

function textOf({ tables }: RebuildReport): string {
  return `${columns(tables.map(({ table, rows }) => [table, counted(rows, 'row')]))}\n`
}
