/** The command line as a whole: `inlet <command>`. One file of this folder holds each command. */
import { Command, CommanderError } from 'commander'
import { exitCodeOf, report, USAGE_EXIT } from './command-line.ts'
import { commands } from './commands.ts'
import type { Shell } from './shell.ts'

export function buildProgram(shell: Shell): Command {
  const program = new Command('inlet')
    .description('Genesys Cloud events, in real time, once each, in a data lake.')
    .version(shell.version)
    .option('-c, --config <file>', 'the configuration', './inlet.yaml')
    .option('--json', 'print JSON, also for errors')
    .option('--verbose', 'show where an error happened')
    .configureHelp({ showGlobalOptions: true })
    .showHelpAfterError('Add --help to see how it is used.')
    .exitOverride()
  const output = {
    writeOut: (text: string) => shell.stdout(text),
    writeErr: (text: string) => shell.stderr(text),
  }
  program.configureOutput(output)
  for (const add of commands) add(program, shell)
  return program
}

/** Runs one command line, without the name of the program; resolves to its exit code. */
export async function runCommandLine(args: readonly string[], shell: Shell): Promise<number> {
  const program = buildProgram(shell)
  const json = args.includes('--json')
  if (json) program.configureOutput({ ...program.configureOutput(), writeErr: () => undefined })
  try {
    await program.parseAsync(args, { from: 'user' })
    return exitCodeOf(program)
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    if (error.exitCode === 0) return 0
    if (json) report(shell, new Error(error.message), { json })
    return USAGE_EXIT
  }
}
