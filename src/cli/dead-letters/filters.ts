/** Which dead letters a command is about: options that all of them share. */
import type { Command } from 'commander'
import { InletError } from '../../core/errors.ts'
import type { LetterFilter } from '../../loader/dead-letters/find-letters.ts'
import { parseLetterId } from '../../loader/dead-letters/letter.ts'
import type { Shell } from '../shell.ts'
import { moment } from '../times.ts'

export interface FilterOptions {
  readonly source?: string
  readonly reason?: string
  readonly type?: string
  readonly since?: number
  readonly until?: number
}

export const idHelp = 'as `list` names it, such as gateway-0/17'

/** `reasonFlag`: `--reason`, where that is not taken. */
export function filterOptions(command: Command, shell: Shell, reasonFlag = '--reason'): Command {
  const time = moment(shell.machine.clock)
  return command
    .option('--source <name>', 'of a source')
    .option(`${reasonFlag} <word>`, 'of a reason, such as invalid_json')
    .option('--type <type>', 'of an event type, where one is known')
    .option('--since <time>', 'received since: a time, or a duration ago such as 2h', time)
    .option('--until <time>', 'received before: a time, or a duration ago', time)
}

export function filterOf(options: FilterOptions): LetterFilter {
  const { source, reason, type: eventType, since, until } = options
  return {
    ...(source !== undefined && { source }),
    ...(reason !== undefined && { reason }),
    ...(eventType !== undefined && { eventType }),
    ...(since !== undefined && { since }),
    ...(until !== undefined && { until }),
  }
}

/** By ids, by a filter, or all: throws INL_CLI_USAGE unless one of the three is said. */
export function chosenOf(
  ids: readonly string[],
  options: FilterOptions & { readonly all?: boolean },
): LetterFilter {
  const filter = filterOf(options)
  const ways = [ids.length > 0, Object.keys(filter).length > 0, options.all === true]
  if (ways.filter((is) => is).length === 1)
    return ids.length > 0 ? { names: ids.map(parseLetterId) } : filter
  const reason = 'which dead letters is not clear'
  const hint = 'Name some, or filter them, or say --all: one of the three.'
  throw new InletError('INL_CLI_USAGE', { reason, hint })
}
