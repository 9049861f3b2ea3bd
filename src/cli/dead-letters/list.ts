/** `inlet dead-letters list`. */
import { Option } from 'commander'
import { formatSize } from '../../core/units.ts'
import type { LetterFilter, LetterTotal } from '../../loader/dead-letters/find-letters.ts'
import {
  type DeadLetter,
  type LetterState,
  letterStates,
} from '../../loader/dead-letters/letter.ts'
import type { AddCommand, Invocation } from '../command-line.ts'
import { action, count, examples } from '../command-line.ts'
import { columns, counted, printable } from '../text.ts'
import { type FilterOptions, filterOf, filterOptions } from './filters.ts'
import { toldOf } from './told.ts'

interface Options extends FilterOptions {
  readonly state: LetterState | 'all'
  readonly limit: number
}

interface Found {
  readonly deadLetters: readonly DeadLetter[]
  readonly totals: readonly LetterTotal[]
  readonly isLanded: boolean
}

export const addList: AddCommand = (parent, shell) => {
  const states = new Option('--state <state>', 'which of them')
  filterOptions(parent.command('list'), shell)
    .summary('dead letters, and how many there are by reason')
    .description(
      'Lists dead letters of the lake, the newest first, and counts them by reason. Never shows a body.',
    )
    .addOption(states.choices([...letterStates, 'all']).default('open'))
    .option('--limit <n>', 'dead letters listed; all are counted', count(0), 50)
    .addHelpText(
      'after',
      examples(
        'inlet dead-letters list',
        'inlet dead-letters list --source genesys --since 2h --state all',
      ),
    )
    .action(
      action(shell, async (invocation, command) => {
        const options = command.opts<Options>()
        const { state, limit } = options
        const filter = { ...filterOf(options), ...(state !== 'all' && { state }) }
        const found = await find(invocation, filter, limit)
        const { deadLetters, totals } = found
        invocation.print({ deadLetters: deadLetters.map(toldOf), totals }, textOf(found))
        return 0
      }),
    )
}

async function find(invocation: Invocation, filter: LetterFilter, most: number): Promise<Found> {
  const { config } = await invocation.config()
  const { withLetterBooks } = await import('../../app/dead-letters/books.ts')
  const { countLetters, findLetters } = await import('../../loader/dead-letters/find-letters.ts')
  return withLetterBooks(invocation.shell.machine, config, async (books) => {
    if (books === null) return { deadLetters: [], totals: [], isLanded: false }
    return {
      deadLetters: await findLetters(books, filter, { most, order: 'newest' }),
      totals: await countLetters(books, filter),
      isLanded: true,
    }
  })
}

function textOf({ deadLetters, totals, isLanded }: Found): string {
  if (totals.length === 0) return isLanded ? 'No dead letter matches.\n' : 'Nothing has landed.\n'
  const rows = deadLetters.map((one) => [
    one.id,
    one.state,
    new Date(one.receivedAt).toISOString(),
    one.source ?? '-',
    one.reason,
    formatSize(one.bytes),
    String(one.attempts),
    printable(one.detail),
  ])
  const head = ['id', 'state', 'received', 'source', 'reason', 'body', 'attempts', '']
  const list = rows.length === 0 ? '' : `${columns([head, ...rows])}\n`
  const sums = totals.map(({ reason, open, replayed, discarded }) =>
    [reason, open, replayed, discarded].map(String),
  )
  const open = totals.reduce((sum, one) => sum + one.open, 0)
  const table = columns([['reason', 'open', 'replayed', 'discarded'], ...sums])
  return `${list}${table}${counted(open, 'dead letter')} open\n`
}
