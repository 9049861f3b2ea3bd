/** `inlet compact`: makes large files out of small ones, at once. */
import { formatSize } from '../core/units.ts'
import type { AddCommand } from './command-line.ts'
import { actionBehindTheDoor, examples } from './command-line.ts'
import { columns } from './text.ts'
import { tableOption, upkeepRequest } from './upkeep.ts'

export const addCompact: AddCommand = (program, shell) => {
  tableOption(program.command('compact'))
    .summary('make large files out of small ones, at once')
    .description(
      'Rewrites the small files of each table into larger ones, as the loader does by itself once there are many. Rows stay what they are. May be run beside a running Inlet and beside readers; what was replaced is kept for two days, until vacuum.',
    )
    .addHelpText('after', examples('inlet compact', 'inlet compact --table bronze.arrivals'))
    .action(
      actionBehindTheDoor(shell, async (invocation, command) => {
        const { config } = await invocation.config()
        const { compactLake } = await import('../app/upkeep-tasks.ts')
        const request = upkeepRequest(invocation, command, 'files are compacted')
        const tables = await compactLake(shell.machine, config, request)
        const rows = tables.map((one) => [
          one.table,
          String(one.filesBefore),
          String(one.filesAfter),
          formatSize(one.compactedBytes),
        ])
        const head = ['table', 'files', 'files after', 'rewritten']
        invocation.print({ tables }, columns([head, ...rows]))
        return 0
      }),
    )
}
