/** Whom `erase` and `export` are about: options that both have. */
import type { Command } from 'commander'
import type { SubjectText } from '../app/erase.ts'
import { InletError } from '../core/errors.ts'
import { type SubjectKind, subjectKinds } from '../privacy/subject.ts'

export type SubjectOptions = Readonly<Partial<Record<SubjectKind, string>>>

export function subjectOptions(command: Command): Command {
  return command
    .option('--phone <number>', 'a telephone number, with its country code')
    .option('--email <address>', 'an e-mail address')
    .option('--contact <id>', 'the id of an external contact')
    .option('--user <id>', 'the id of a user of Genesys Cloud')
    .option('--conversation <id>', 'the id of a conversation')
}

/** Throws INL_CLI_USAGE unless there is exactly one. */
export function subjectGiven(options: SubjectOptions): SubjectText {
  const given = subjectKinds.flatMap((kind) => {
    const text = options[kind]
    return text === undefined ? [] : [{ kind, text }]
  })
  const [only] = given
  if (only !== undefined && given.length === 1) return only
  const reason = 'it takes one of --phone, --email, --contact, --user and --conversation'
  throw new InletError('INL_CLI_USAGE', { reason, hint: 'Run it once for each.' })
}
