/** `inlet export`: somebody asked what there is of them. */
import type { AddCommand } from './command-line.ts'
import { actionBehindTheDoor, examples } from './command-line.ts'
import { secretSource, withVoice } from './role-process.ts'
import { type SubjectOptions, subjectGiven, subjectOptions } from './subject.ts'
import { counted } from './text.ts'

export const addExport: AddCommand = (program, shell) => {
  subjectOptions(program.command('export'))
    .summary('everything that names a number, an address or an id, as lines of JSON')
    .description(
      'Writes every row of bronze that names them to the output, one JSON object a line, as it is stored, and what `silver.users` has of a user. All else is made of these. What has not landed yet is not among them. Exits 1 when nothing is found.',
    )
    .addHelpText('after', examples('inlet export --phone +13175551234 > jane.ndjson'))
    .action(
      actionBehindTheDoor(shell, async (invocation, command) => {
        const asked = subjectGiven(command.opts<SubjectOptions>())
        const { config } = await invocation.config()
        return withVoice(invocation, 'export', async ({ observe: observer }) => {
          const { exportSubject } = await import('../app/erase.ts')
          const deps = { ...shell.machine, observer, secretSource: await secretSource(shell) }
          const count = await exportSubject(deps, config, { ...asked, write: shell.stdout })
          invocation.remark(`${counted(count, 'row')} found.`)
          return count === 0 ? 1 : 0
        })
      }),
    )
}
