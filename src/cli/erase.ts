/** `inlet erase`: somebody asked to be forgotten. */
import type { EraseReport } from '../app/erase.ts'
import type { AddCommand } from './command-line.ts'
import { actionBehindTheDoor, examples } from './command-line.ts'
import { progress } from './progress.ts'
import { secretSource, withVoice } from './role-process.ts'
import { type SubjectOptions, subjectGiven, subjectOptions } from './subject.ts'
import { columns, counted } from './text.ts'
import { keptText } from './upkeep.ts'

type Options = SubjectOptions & { readonly dryRun?: boolean }

export const addErase: AddCommand = (program, shell) => {
  subjectOptions(program.command('erase'))
    .summary('erase whoever has a number, an address or an id')
    .description(
      'Empties every body that names them, in the journal, bronze, silver and gold, old files and the log included, and keeps them out of what comes from now on. Positions and event ids stay, so that the audit stays clean. Needs privacy.key. May be run beside a running Inlet, and again after any interruption. What a store does not let go of is named, with the date of its release where it tells one, and so are sinks that were not reached: then it exits 1. Sinks that take JSON over HTTPS are not followed: the report says what to erase there.',
    )
    .option('--dry-run', 'say what would be erased')
    .addHelpText(
      'after',
      examples(
        'inlet erase --phone +13175551234 --dry-run',
        'inlet erase --email jane@example.com',
      ),
    )
    .action(
      actionBehindTheDoor(shell, async (invocation, command) => {
        const options = command.opts<Options>()
        const told = progress(invocation, 'files are looked through')
        let files = 0
        const onFile = () => told(files++, null)
        const asked = { ...subjectGiven(options), dryRun: options.dryRun === true, onFile }
        const { config } = await invocation.config()
        return withVoice(invocation, 'erase', async ({ observe: observer }) => {
          const { erase } = await import('../app/erase.ts')
          const deps = { ...shell.machine, observer, secretSource: await secretSource(shell) }
          const report = await erase(deps, config, asked)
          invocation.print(report, textOf(report))
          return isDone(report) ? 0 : 1
        })
      }),
    )
}

function isDone({ kept, sinks }: EraseReport): boolean {
  return kept.length === 0 && !sinks.some(({ failed }) => failed)
}

function textOf({ dryRun, arrivals, tables, journalRecords, kept, sinks }: EraseReport): string {
  const { rows, outcomes, conversations } = arrivals
  const verb = dryRun ? 'would be erased' : 'erased'
  const told = [
    ...Object.entries(outcomes).map(([outcome, count]) => [outcome, String(count)]),
    ...Object.entries(tables).map(([table, files]) => [
      table,
      `${counted(files, 'file')} ${dryRun ? 'to rewrite' : 'rewritten'}`,
    ]),
    ['journal', counted(journalRecords, 'record')],
    ...sinks.map(({ name, rows, left }) => [
      `sink ${name}`,
      left ?? (rows === null ? 'follows' : counted(rows, 'row')),
    ]),
  ]
  const head = `${counted(rows, 'row')} of ${counted(conversations, 'conversation')} ${verb}\n`
  return `${head}${columns(told)}${keptText(kept)}`
}
