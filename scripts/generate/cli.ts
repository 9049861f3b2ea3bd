/** The page of commands: each with its help, as the command prints it. */
import type { Command } from 'commander'
import { realMachine } from '../../src/app/machine.ts'
import { buildProgram } from '../../src/cli/program.ts'
import type { Shell } from '../../src/cli/shell.ts'
import { code, heading, notice } from './markdown.ts'

const columns = 100

export function cliPage(): string {
  const program = buildProgram(nowhere)
  const pages = [program, ...leavesOf(program)].map((command) => {
    const name = nameOf(command)
    return [heading(2, code(name)), '```text', helpOf(command).trimEnd(), '```\n'].join('\n')
  })
  return [heading(1, 'Commands'), `${notice('src/cli/')}\n`, introduction, ...pages].join('\n')
}

const introduction = `In a checkout a command is run as \`npx inlet <command>\`.
Exit codes: 0 it was done; 1 it failed, or what it looked at is not well; 2 it was called or
configured wrongly. With \`--json\` results and errors are JSON, results on stdout and errors on
stderr.
`

/** Nothing runs: the program is only asked for its help. */
const nowhere: Shell = {
  machine: realMachine,
  stdout: () => undefined,
  stderr: () => undefined,
  readInput: async () => '',
  watched: false,
  environment: {},
  folder: '/',
  version: '',
  nodeVersion: '',
  stop: AbortSignal.abort(),
  hurry: AbortSignal.abort(),
  giveWay: () => undefined,
  self: { executable: '', environment: {}, script: [] },
  ready: () => undefined,
  answerParent: null,
}

/** Commands that do something, in the order of the help. */
function leavesOf(command: Command): Command[] {
  return command.commands.length === 0 ? [command] : command.commands.flatMap(leavesOf)
}

function nameOf(command: Command): string {
  return command.parent === null ? command.name() : `${nameOf(command.parent)} ${command.name()}`
}

function helpOf(command: Command): string {
  let text = ''
  const writeOut = (part: string) => {
    text += part
  }
  command.configureOutput({
    writeOut,
    getOutHelpWidth: () => columns,
    getOutHasColors: () => false,
  })
  // Those of the program stand once, at its own help.
  command.configureHelp({ showGlobalOptions: false })
  command.outputHelp()
  return text
}
