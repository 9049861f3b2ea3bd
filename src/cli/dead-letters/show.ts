/** `inlet dead-letters show`. */
import { isUtf8 } from 'node:buffer'
import { InletError } from '../../core/errors.ts'
import { formatSize } from '../../core/units.ts'
import type { DeadLetter } from '../../loader/dead-letters/letter.ts'
import type { AddCommand, Invocation } from '../command-line.ts'
import { action, examples } from '../command-line.ts'
import { columns, printable } from '../text.ts'
import { idHelp } from './filters.ts'
import { isoOf, toldOf } from './told.ts'

interface Shown {
  readonly letter: DeadLetter
  /** Undefined where it was not asked for, or not kept. */
  readonly body: Uint8Array | undefined
}

export const addShow: AddCommand = (parent, shell) => {
  parent
    .command('show')
    .summary('all that is known of one dead letter')
    .description('Shows where a dead letter came from, why it is one, and what was decided of it.')
    .argument('<id>', idHelp)
    .option('--body', 'show its body too, which may hold personal data')
    .addHelpText('after', examples('inlet dead-letters show gateway-0/17 --body'))
    .action(
      action(shell, async (invocation, command) => {
        const wantsBody = command.opts<{ body?: boolean }>().body === true
        const shown = await find(invocation, command.args[0] ?? '', wantsBody)
        const { letter, body } = shown
        const json = { ...toldOf(letter), headers: letter.headers, ...(body && bodyOf(body)) }
        invocation.print(json, textOf(shown))
        return 0
      }),
    )
}

async function find(invocation: Invocation, id: string, wantsBody: boolean): Promise<Shown> {
  const { config } = await invocation.config()
  const { withLetterBooks } = await import('../../app/dead-letters/books.ts')
  const { findNamed, readBodies } = await import('../../loader/dead-letters/find-letters.ts')
  const { parseLetterId } = await import('../../loader/dead-letters/letter.ts')
  const name = parseLetterId(id)
  return withLetterBooks(invocation.shell.machine, config, async (books) => {
    const [letter] = books === null ? [] : (await findNamed(books, [name], {})).letters
    if (books === null || letter === undefined) {
      const hint =
        'See `inlet dead-letters list --state all`; what has not landed is not there yet.'
      throw new InletError('INL_CLI_USAGE', { reason: `there is no dead letter ${id}`, hint })
    }
    const bodies = wantsBody ? await readBodies(books, [letter]) : new Map()
    return { letter, body: bodies.get(letter.id) }
  })
}

function bodyOf(body: Uint8Array): { body: string } | { bodyBase64: string } {
  const bytes = Buffer.from(body)
  return isUtf8(bytes) ? { body: bytes.toString() } : { bodyBase64: bytes.toString('base64') }
}

function textOf({ letter, body }: Shown): string {
  const rows = [
    ['id', letter.id],
    ['state', letter.state],
    ['reason', letter.reason],
    ['found', printable(letter.detail)],
    ['source', letter.source ?? '-'],
    ['sender', printable(letter.sender ?? '-')],
    ['headers', printable(letter.headers ?? '-')],
    ['received', isoOf(letter.receivedAt)],
    ['journal', `${letter.journalId}, ${letter.partition}, position ${letter.position}`],
    ['body', `${formatSize(letter.bytes)}, SHA-256 ${letter.bodySha256 ?? '-'}`],
    ['attempts', String(letter.attempts)],
    ...(letter.replayOf === null ? [] : [['replay of', letter.replayOf]]),
    ...(letter.decidedAt === null ? [] : [['decided', isoOf(letter.decidedAt)]]),
    ...(letter.why === null ? [] : [['because', printable(letter.why)]]),
  ]
  const shown = body === undefined ? '' : `\n${printable(Buffer.from(body).toString())}\n`
  return `${columns(rows)}${shown}`
}
