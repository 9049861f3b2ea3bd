/** The command line as a whole: `inlet <command>`. One file of this folder holds each command. */
import { Command, CommanderError } from 'commander'
import { InletError } from '../core/errors.ts'
import { examples, exitCodeOf, report, USAGE_EXIT } from './command-line.ts'
import { commands } from './commands.ts'
import type { Shell } from './shell.ts'

/** `json`: what commander has to say is told as JSON by the caller. */
export function buildProgram(shell: Shell, json = false): Command {
  const program = new Command('inlet')
    .description('Genesys Cloud events, in real time, once each, in a data lake.')
    .version(shell.version)
    .option('-c, --config <file>', 'the configuration', './inlet.yaml')
    .option('--json', 'print JSON, also for errors')
    .option('--verbose', 'show where an error happened')
    .addHelpText('after', examples('inlet demo', 'inlet check-config --help', 'inlet run'))
    .configureHelp({ showGlobalOptions: true })
    .showHelpAfterError('Add --help to see how it is used.')
    .exitOverride()
  const output = {
    writeOut: (text: string) => shell.stdout(text),
    writeErr: (text: string) => {
      if (!json) shell.stderr(text)
    },
  }
  program.configureOutput(output)
  for (const add of commands) add(program, shell)
  return program
}

/** Runs one command line, without the name of the program; resolves to its exit code. */
export async function runCommandLine(args: readonly string[], shell: Shell): Promise<number> {
  const json = args.includes('--json')
  const program = buildProgram(shell, json)
  try {
    await program.parseAsync(args, { from: 'user' })
    return exitCodeOf(program)
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    if (error.exitCode === 0) return 0
    if (json) report(shell, usageError(error), { json })
    return USAGE_EXIT
  }
}

function usageError({ message }: CommanderError): InletError {
  const reason = message.replace(/^error: /, '')
  return new InletError('INL_CLI_USAGE', { reason, hint: 'Add --help to see how it is used.' })
}
