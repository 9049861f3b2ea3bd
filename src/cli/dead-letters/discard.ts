/** `inlet dead-letters discard`. */
import { InvalidArgumentError } from 'commander'
import type { AddCommand } from '../command-line.ts'
import { action, examples } from '../command-line.ts'
import { progress } from '../progress.ts'
import { counted } from '../text.ts'
import { chosenOf, type FilterOptions, filterOptions, idHelp } from './filters.ts'

interface Options extends Omit<FilterOptions, 'reason'> {
  readonly reason: string
  readonly ofReason?: string
  readonly all?: boolean
  readonly dryRun?: boolean
}

const LONGEST_REASON = 500

export const addDiscard: AddCommand = (parent, shell) => {
  filterOptions(parent.command('discard'), shell, '--of-reason')
    .summary('leave dead letters at that')
    .description(
      'Notes that dead letters need nothing more. They stay in the lake, whole. Exits 1 when one that was named is not open.',
    )
    .argument('[id...]', idHelp)
    .option('--all', 'every open dead letter')
    .requiredOption('--reason <text>', 'why, for whoever asks later; no personal data', shortText)
    .option('--dry-run', 'say how many would be discarded')
    .addHelpText(
      'after',
      examples(
        'inlet dead-letters discard gateway-0/17 --reason "a probe of the monitoring"',
        'inlet dead-letters discard --of-reason empty --reason "keep-alives of the old proxy"',
      ),
    )
    .action(
      action(shell, async (invocation, command) => {
        const { reason: why, ofReason, ...others } = command.opts<Options>()
        const named = { ...others, ...(ofReason !== undefined && { reason: ofReason }) }
        const filter = chosenOf(command.args, named)
        const { config } = await invocation.config()
        const { discardDeadLetters } = await import('../../app/dead-letters/discard.ts')
        const report = await discardDeadLetters(shell.machine, config, {
          ...{ filter, why, dryRun: others.dryRun === true, signal: shell.stop },
          onProgress: progress(invocation, 'discarded'),
          report: invocation.remark,
        })
        const verb = report.dryRun ? 'would be discarded' : 'discarded'
        const missing = report.notOpen.map((id) => `${id} is not open, or not there\n`)
        const text = `${counted(report.discarded, 'dead letter')} ${verb}\n${missing.join('')}`
        invocation.print(report, text)
        return report.notOpen.length === 0 ? 0 : 1
      }),
    )
}

function shortText(text: string): string {
  if (text.trim() !== '' && text.length <= LONGEST_REASON) return text
  throw new InvalidArgumentError(`It takes a text of at most ${LONGEST_REASON} characters.`)
}
