/** `inlet vacuum`: removes files that nobody can need any more, at once. */
import type { AddCommand } from './command-line.ts'
import { actionBehindTheDoor, examples } from './command-line.ts'
import { columns } from './text.ts'
import { keptText, tableOption, upkeepRequest } from './upkeep.ts'

export const addVacuum: AddCommand = (program, shell) => {
  tableOption(program.command('vacuum'))
    .summary('remove files that nobody can need any more, at once')
    .description(
      'Removes what compaction and retention took out of the tables two days ago or more, files that no commit named for a day, and the log that checkpoints stand for, as the loader does by itself every few hours. Older versions that a bucket keeps under a lock are named, with the date of their release. May be run beside a running Inlet and beside readers.',
    )
    .addHelpText('after', examples('inlet vacuum', 'inlet vacuum --json'))
    .action(
      actionBehindTheDoor(shell, async (invocation, command) => {
        const { config } = await invocation.config()
        const { vacuumLake } = await import('../app/upkeep-tasks.ts')
        const request = upkeepRequest(invocation, command, 'files are removed')
        const tables = await vacuumLake(shell.machine, config, request)
        const rows = tables.map((one) => [
          one.table,
          String(one.removedFiles),
          String(one.removedLogObjects),
        ])
        const head = ['table', 'files removed', 'log removed']
        const still = tables.flatMap(({ locked }) => locked)
        invocation.print({ tables }, `${columns([head, ...rows])}${keptText(still)}`)
        return 0
      }),
    )
}
