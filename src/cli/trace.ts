/** `inlet trace`: every record of an event or a conversation. */
import type { TraceRecord } from '../app/trace.ts'
import { InletError } from '../core/errors.ts'
import type { AddCommand, Invocation } from './command-line.ts'
import { actionBehindTheDoor, count, examples } from './command-line.ts'
import { columns, counted, printable } from './text.ts'

interface Options {
  readonly bodies?: boolean
  readonly most: number
}

export const addTrace: AddCommand = (program, shell) => {
  program
    .command('trace')
    .summary('every record of an event or a conversation')
    .description(
      'Finds what became of an event, or of all events of a conversation: what is still only in the journal, and every row of bronze and of silver, in order of receipt, then the row of gold that counts the conversation. Repeated deliveries and unreadable bodies that hold the id are among them, and so are gaps of notification channels that touch the time of a conversation. Exits 1 when nothing is found.',
    )
    .argument('<id>', 'an event id or a conversation id')
    .option('--bodies', 'show bodies, which may hold personal data')
    .option('--most <n>', 'records at most, of journal and of lake', count(1), 1000)
    .addHelpText(
      'after',
      examples('inlet trace 2f7bf00a-0fc2-4d6a-9b56-92238191433e', 'inlet trace event-17 --json'),
    )
    .action(
      actionBehindTheDoor(shell, async (invocation, command) => {
        const [id = ''] = command.args
        if (id.trim() === '') {
          const hint = 'Name an event or a conversation.'
          throw new InletError('INL_CLI_USAGE', { reason: 'the id is empty', hint })
        }
        const options = command.opts<Options>()
        const records = await find(invocation, id, options)
        invocation.print({ id, records }, textOf(records))
        if (records.length === 0) invocation.remark(`Nothing is known of ${printable(id)}.`)
        return records.length === 0 ? 1 : 0
      }),
    )
}

async function find(invocation: Invocation, id: string, options: Options): Promise<TraceRecord[]> {
  const { machine } = invocation.shell
  const { config } = await invocation.config()
  const { openPartitions } = await import('../app/journal-access.ts')
  const { nullIfMissing, openQueryAt, openReadableLake } = await import('../app/lake-access.ts')
  const { trace } = await import('../app/trace.ts')
  const readers = await openPartitions(machine, config.journal.dir)
  const lake = await openReadableLake(machine, config).catch(nullIfMissing)
  const session = await openQueryAt(machine, config).catch(nullIfMissing)
  try {
    const bodies = options.bodies === true
    const table = lake?.table ?? null
    return await trace({ session, table, readers }, { id, bodies, most: options.most })
  } finally {
    session?.close()
    lake?.close()
    for (const reader of readers) await reader.close()
  }
}

function textOf(records: readonly TraceRecord[]): string {
  if (records.length === 0) return ''
  const rows = records.map((one) => [
    one.receivedAt ?? '-',
    one.where,
    one.partition === null ? '-' : `${one.partition}/${one.position}`,
    one.what,
    one.eventType ?? '-',
    printable(one.eventId ?? '-'),
    printable(one.detail ?? ''),
  ])
  const head = ['received', 'where', 'position', 'what', 'type', 'event id', '']
  const bodies = records.flatMap(({ partition, position, body }) =>
    body === undefined ? [] : [`\n${partition}/${position}\n${printable(body)}\n`],
  )
  return `${columns([head, ...rows])}${bodies.join('')}${counted(records.length, 'record')}\n`
}
