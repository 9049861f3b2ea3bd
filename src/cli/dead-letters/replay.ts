/** `inlet dead-letters replay`. */
import type { ReplayReport, SkipReason } from '../../app/dead-letters/replay.ts'
import type { AddCommand } from '../command-line.ts'
import { action, count, examples } from '../command-line.ts'
import { progress } from '../progress.ts'
import { counted } from '../text.ts'
import { chosenOf, type FilterOptions, filterOptions, idHelp } from './filters.ts'

interface Options extends FilterOptions {
  readonly all?: boolean
  readonly attempts?: number
  readonly dryRun?: boolean
}

export const addReplay: AddCommand = (parent, shell) => {
  filterOptions(parent.command('replay'), shell)
    .summary('send dead letters through the road again')
    .description(
      'Takes dead letters in again, by the rules that their source has today, with the sender and the time that they first came with. Each of their events is in the lake once, however often this is done. What fails again is a dead letter again, and counts its attempts on; with five it is left alone. Exits 1 when one that was chosen could not be replayed.',
    )
    .argument('[id...]', idHelp)
    .option('--all', 'every open dead letter')
    .option('--attempts <n>', 'replay what had fewer attempts than this (default: 5)', count(1))
    .option('--dry-run', 'say how many would be replayed')
    .addHelpText(
      'after',
      examples(
        'inlet dead-letters replay gateway-0/17',
        'inlet dead-letters replay --reason other_org --since 1d',
      ),
    )
    .action(
      action(shell, async (invocation, command) => {
        const options = command.opts<Options>()
        const filter = chosenOf(command.args, options)
        const { config } = await invocation.config()
        const { REPLAY_ATTEMPTS, replayDeadLetters } = await import(
          '../../app/dead-letters/replay.ts'
        )
        const { attempts = REPLAY_ATTEMPTS, dryRun = false } = options
        const report = await replayDeadLetters(shell.machine, config, {
          ...{ filter, attempts, dryRun, signal: shell.stop },
          onProgress: progress(invocation, 'replayed'),
          report: invocation.remark,
        })
        invocation.print(report, textOf(report))
        return report.skipped.length === 0 ? 0 : 1
      }),
    )
}

const skipWords: Readonly<Record<SkipReason, string>> = {
  not_open: 'is not open, or not there',
  no_body: 'has no body',
  no_source: 'does not tell its source',
  source_unknown: 'is of a source that the configuration does not have',
  attempts: 'had all its attempts; see --attempts',
}

function textOf(report: ReplayReport): string {
  const { dryRun, replayed, events, filtered, deadLetters, skipped } = report
  const verb = dryRun ? 'would be replayed' : 'replayed'
  const held = [
    counted(events, 'event'),
    `${filtered.toLocaleString('en')} filtered`,
    `${counted(deadLetters, 'dead letter')} again`,
  ]
  const became = dryRun || replayed === 0 ? '' : `: ${held.join(', ')}`
  const shown = skipped.slice(0, 20).map(({ id, why }) => `${id} ${skipWords[why]}\n`)
  const more = skipped.length - shown.length
  if (more > 0) shown.push(`${counted(more, 'other')} left alone\n`)
  return `${counted(replayed, 'dead letter')} ${verb}${became}\n${shown.join('')}`
}
