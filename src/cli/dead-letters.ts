/** `inlet dead-letters`: what could not pass, and what becomes of it. */
import { type AddCommand, examples } from './command-line.ts'
import { addDiscard } from './dead-letters/discard.ts'
import { addList } from './dead-letters/list.ts'
import { addReplay } from './dead-letters/replay.ts'
import { addShow } from './dead-letters/show.ts'

export const addDeadLetters: AddCommand = (program, shell) => {
  const parent = program
    .command('dead-letters')
    .summary('what could not pass: list, show, replay, discard')
    .description(
      'A dead letter is what a proven sender delivered and no event could be read from. It is kept whole, and is open until it is replayed or discarded; either is noted in the lake.',
    )
    .addHelpText(
      'after',
      examples('inlet dead-letters list', 'inlet dead-letters replay --source genesys --dry-run'),
    )
  for (const add of [addList, addShow, addReplay, addDiscard]) add(parent, shell)
}
