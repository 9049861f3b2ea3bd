/** What `inlet compact`, `vacuum` and `erase` share: which tables, and how it is told. */
import { type Command, Option } from 'commander'
import type { UpkeepRequest } from '../app/upkeep-tasks.ts'
import type { KeptObject } from '../lake/store/object-store.ts'
import { lakeTables } from '../tables/lake-tables.ts'
import { collect, type Invocation } from './command-line.ts'
import { progress } from './progress.ts'

export function tableOption(command: Command): Command {
  const names = lakeTables.map(({ name }) => name)
  const option = new Option('--table <name>', 'this table only; may be given again')
  // Choices would replace the parser that collects them.
  return command.addOption(
    option.argParser((name: string, before?: readonly string[]) => {
      new Option('--table <name>').choices(names).parseArg?.(name, undefined)
      return collect(name, before)
    }),
  )
}

/** `verb` is what is done to files. */
export function upkeepRequest(
  invocation: Invocation,
  command: Command,
  verb: string,
): UpkeepRequest {
  const { shell, remark } = invocation
  const { table: tables = [] } = command.opts<{ table?: readonly string[] }>()
  const onTable = (name: string) => remark(`looking after ${name}`)
  return { tables, signal: shell.stop, onTable, onFiles: progress(invocation, verb) }
}

/** What a store does not let go of, a line each. */
export function keptText(kept: readonly KeptObject[]): string {
  const lines = kept.map(({ key, version, until, reason }) => {
    const which = version === null ? key : `${key}, version ${version}`
    return `still there${until === null ? '' : ` until ${until}`}: ${which}: ${reason}\n`
  })
  return lines.join('')
}
