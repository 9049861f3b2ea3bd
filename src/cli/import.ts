/** `inlet import`: existing history. */
import { resolve } from 'node:path'
import { Option } from 'commander'
import type { AgesReport } from '../app/import/ages.ts'
import type { Landed } from '../app/import/landed.ts'
import type { ImportReport } from '../ingress/import/import.ts'
import { type ImportFormat, importFormats } from '../ingress/import/unwrap.ts'
import type { AddCommand } from './command-line.ts'
import { actionBehindTheDoor, examples } from './command-line.ts'
import { progress } from './progress.ts'
import { counted, printable } from './text.ts'

interface Options {
  readonly source: string
  readonly format: ImportFormat
  readonly wait: boolean
}

export const addImport: AddCommand = (program, shell) => {
  const format = new Option('--format <format>', 'what the files hold').choices(importFormats)
  program
    .command('import')
    .summary('take in existing history, Analytics pages, Firehose error objects, queue dumps')
    .description(
      'Takes a file or a folder in as if its source had sent it, by the rules that the source has today: JSON lines, a JSON array, JSON values one after another, each as they are or gzipped; pages of Analytics conversation records as a query or a job answers; objects that Firehose could not deliver; messages of a dead-letter queue as the AWS CLI prints them. What was interrupted is run again as it is: what is there already becomes a duplicate. Waits while the journal is full. Counts events that are older than `lake.retention` keeps (notKept): they go with its next round, and reach no day of gold that it has passed. Exits 1 when a file could not be read to its end.',
    )
    .argument('<path>', 'a file, a folder, or s3://bucket/prefix')
    .requiredOption('--source <name>', 'the source that it counts as')
    .addOption(format.default('auto'))
    .option('--no-wait', 'end without waiting for the loader to say what was new')
    .addHelpText(
      'after',
      examples(
        'inlet import ./history --source genesys',
        'inlet import s3://backup/http-endpoint-failed/ --source stream',
      ),
    )
    .action(
      actionBehindTheDoor(shell, async (invocation, command) => {
        const { source, format: chosen, wait } = command.opts<Options>()
        const { config } = await invocation.config()
        const { importHistory } = await import('../app/import/import.ts')
        const path = command.args[0] ?? ''
        const tell = progress(invocation, 'taken in')
        const report = await importHistory(shell.machine, config, {
          path: path.startsWith('s3://') ? path : resolve(shell.folder, path),
          ...{ source, format: chosen, signal: shell.stop },
          onProgress: (events) => tell(events, null),
          report: invocation.remark,
        })
        const { landedOf } = await import('../app/import/landed.ts')
        const landed = wait
          ? await landedOf(shell.machine, { config, place: report }, shell.stop)
          : null
        invocation.print({ ...report, landed }, textOf(report, landed))
        if (wait && landed === null)
          invocation.remark('No loader is at work: what was new shows once one has landed it.')
        return report.failed.length === 0 ? 0 : 1
      }),
    )
}

function textOf(report: ImportReport & AgesReport, landed: Landed | null): string {
  const { files, stored, filtered, deadLetters, notKept, undated, failed } = report
  const taken = [
    counted(stored, 'event'),
    `${filtered.toLocaleString('en')} filtered`,
    counted(deadLetters, 'dead letter'),
  ]
  const lines = [`${counted(files, 'file')}: ${taken.join(', ')}`]
  if (landed !== null) {
    const { events, duplicates } = landed
    lines.push(`in the lake: ${counted(events, 'new event')}, ${counted(duplicates, 'duplicate')}`)
  }
  if (notKept > 0)
    lines.push(
      `${counted(notKept, 'event')} older than lake.retention: they go with its next round`,
    )
  if (undated > 0)
    lines.push(
      `${counted(undated, 'event')} more than 400d older than the time of the file: they count at that time`,
    )
  for (const { file, reason } of failed) lines.push(`${printable(file)}: ${printable(reason)}`)
  return `${lines.join('\n')}\n`
}
