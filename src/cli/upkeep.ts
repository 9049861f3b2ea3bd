/** What `inlet compact` and `inlet vacuum` share: which tables, and how it is told. */
import { type Command, Option } from 'commander'
import type { UpkeepRequest } from '../app/upkeep-tasks.ts'
import { lakeTables } from '../tables/lake-tables.ts'
import { collect, type Invocation } from './command-line.ts'

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

export function upkeepRequest({ shell, remark }: Invocation, command: Command): UpkeepRequest {
  const { table: tables = [] } = command.opts<{ table?: readonly string[] }>()
  return { tables, signal: shell.stop, onTable: (name) => remark(`looking after ${name}`) }
}
