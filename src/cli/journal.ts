/** `inlet journal inspect`: what stands in the journal. */
import type { PartitionView, RecordView } from '../app/journal-inspect.ts'
import { InletError } from '../core/errors.ts'
import { formatSize } from '../core/units.ts'
import type { AddCommand, Invocation } from './command-line.ts'
import { action, count, examples } from './command-line.ts'
import { columns, counted, printable } from './text.ts'

interface Options {
  readonly partition?: string
  readonly from?: number
  readonly limit: number
  readonly bodies?: boolean
}

export const addJournal: AddCommand = (program, shell) => {
  const journal = program
    .command('journal')
    .summary('look into the journal')
    .description('Looks into the journal.')
  journal
    .command('inspect')
    .summary('segments and records, damage shown')
    .description(
      'Shows the segments of each partition and the records in them, from the oldest that is held: events, repeated deliveries, unreadable bodies, notes, and what is damaged or gone. May be run beside a gateway; sees what is durable.',
    )
    .option('--partition <name>', 'this partition only')
    .option('--from <position>', 'begin here', count(0))
    .option('--limit <n>', 'records shown of each partition', count(0), 20)
    .option('--bodies', 'show bodies, which may hold personal data')
    .addHelpText(
      'after',
      examples(
        'inlet journal inspect',
        'inlet journal inspect --partition gateway-0 --from 1200 --limit 5 --bodies',
      ),
    )
    .action(
      action(shell, async (invocation, command) => {
        const partitions = await inspect(invocation, command.opts<Options>())
        invocation.print({ partitions }, partitions.map(textOf).join('\n'))
        if (partitions.length === 0) invocation.remark('The journal holds nothing.')
        return 0
      }),
    )
}

async function inspect(invocation: Invocation, options: Options): Promise<PartitionView[]> {
  const { machine } = invocation.shell
  const { config } = await invocation.config()
  const { dir } = config.journal
  const { openPartitions } = await import('../app/journal-access.ts')
  const { inspectPartition } = await import('../app/journal-inspect.ts')
  const readers = await openPartitions(machine, dir)
  try {
    const { partition, from = null, limit, bodies = false } = options
    const chosen = readers.filter((one) => partition === undefined || one.partition === partition)
    if (chosen.length === 0 && partition !== undefined) {
      const names = readers.map((one) => one.partition).join(', ') || 'none'
      const reason = `the journal ${dir} has no partition ${partition}`
      throw new InletError('INL_CLI_USAGE', { reason, hint: `Its partitions: ${names}.` })
    }
    const views: PartitionView[] = []
    for (const reader of chosen)
      views.push(await inspectPartition(machine, reader, { dir, from, limit, bodies }))
    return views
  } finally {
    for (const reader of readers) await reader.close()
  }
}

function textOf(view: PartitionView): string {
  const { partition, journalId, first, end, bytes, segments, records } = view
  const range = end > first ? `positions ${first} to ${end - 1}` : 'empty'
  const title = `${partition}  ${range}, ${formatSize(bytes)}, journal ${journalId}\n`
  const files = segments.map((one) => ['', one.file, `from ${one.first}`, formatSize(one.bytes)])
  const shown = records.length > 0 ? `\n${columns([heading, ...records.map(recordRow)])}` : ''
  const left = end - (records.at(-1)?.position ?? end - 1) - 1
  const more = left > 0 ? `${counted(left, 'record')} more; see --from and --limit\n` : ''
  const bodies = records.flatMap(({ position, body }) =>
    body === undefined ? [] : [`\n${position}\n${printable(body)}\n`],
  )
  return `${title}${columns(files)}${shown}${more}${bodies.join('')}`
}

const heading = ['position', 'kind', 'received', 'source', 'type', 'event id', 'bytes', '']

function recordRow(record: RecordView): string[] {
  const { position, kind, receivedAt, source, eventType, eventId, bytes, detail } = record
  return [
    String(position),
    kind,
    receivedAt ?? '-',
    source || '-',
    eventType ?? '-',
    printable(eventId ?? '-'),
    String(bytes),
    printable(detail ?? ''),
  ]
}
