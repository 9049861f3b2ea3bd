/**
 * The frame around every command: options they share, how they print, and how they fail.
 *
 * Exit codes: 0 it was done, 1 it failed or what it looked at is not well, 2 it was called or
 * configured wrongly.
 */
import { resolve } from 'node:path'
import type { Command } from 'commander'
import { InvalidArgumentError } from 'commander'
import type { ConfigFile } from '../app/config/load.ts'
import type { ErrorCode } from '../core/errors.ts'
import { errorText, InletError } from '../core/errors.ts'
import { parseDuration } from '../core/units.ts'
import { deniedError } from '../loader/denied.ts'
import type { Shell } from './shell.ts'

/** A file of this folder that holds a command: adds it to the program. */
export type AddCommand = (program: Command, shell: Shell) => void

export const USAGE_EXIT = 2

export interface Invocation {
  readonly shell: Shell
  readonly json: boolean
  /** Absolute. */
  readonly configPath: string
  /** One JSON object with `--json`, else the text. */
  print(value: unknown, text: string): void
  /** Progress and remarks, for people only. */
  remark(text: string): void
  /** Rejects with INL_APP_CONFIG, which tells all that is wrong. */
  config(): Promise<ConfigFile>
}

interface SharedOptions {
  readonly config: string
  readonly json?: boolean
  readonly verbose?: boolean
}

type Task = (invocation: Invocation, command: Command) => Promise<number>

/** What commander calls: runs the task and keeps its exit code for `exitCodeOf`. */
export function action(shell: Shell, task: Task): (...args: unknown[]) => Promise<void> {
  return async function run(this: Command) {
    const options = this.optsWithGlobals<SharedOptions>()
    exitCodes.set(
      rootOf(this),
      await settle(shell, options, () => task(invoke(shell, options), this)),
    )
  }
}

/** `action` of a command that works behind the journal, perhaps beside a door that is busy. */
export function actionBehindTheDoor(shell: Shell, task: Task) {
  return action(shell, (invocation, command) => {
    shell.giveWay()
    return task(invocation, command)
  })
}

const exitCodes = new WeakMap<Command, number>()

/** Of the command that ran; 0 where none did, as for `--help`. */
export function exitCodeOf(program: Command): number {
  return exitCodes.get(program) ?? 0
}

function invoke(shell: Shell, options: SharedOptions): Invocation {
  const json = options.json === true
  const configPath = resolve(shell.folder, options.config)
  return {
    shell,
    json,
    configPath,
    print: (value, text) => shell.stdout(json ? `${JSON.stringify(value)}\n` : text),
    remark: (text) => {
      if (!json) shell.stderr(`${text}\n`)
    },
    async config() {
      const { configError, loadConfig } = await import('../app/config/load.ts')
      const loaded = await loadConfig(shell.machine.files, configPath)
      if (loaded.ok) return loaded.file
      throw configError(options.config, loaded.problems)
    },
  }
}

async function settle(
  shell: Shell,
  options: SharedOptions,
  task: () => Promise<number>,
): Promise<number> {
  try {
    return await task()
  } catch (error) {
    if (shell.stop.aborted && error === shell.stop.reason) return 1
    report(shell, error, options)
    return exitCode(error)
  }
}

/** On stderr: a sentence for people, an object for programs, the stack for whoever asks. */
export function report(
  shell: Shell,
  raw: unknown,
  options: { json?: boolean; verbose?: boolean },
): void {
  const error = deniedError(raw)
  const message = failureText(error)
  const code = error instanceof InletError ? error.code : null
  const detailed = options.verbose === true || shell.environment['INLET_DEBUG'] !== undefined
  const stack = detailed && error instanceof Error ? error.stack : undefined
  if (options.json === true) {
    shell.stderr(`${JSON.stringify({ error: { code, message, ...(stack && { stack }) } })}\n`)
    return
  }
  shell.stderr(`inlet: ${message}${code === null ? '' : ` (${code})`}\n`)
  if (stack !== undefined) shell.stderr(`${stack}\n`)
  else if (code === null) shell.stderr('Run it again with --verbose to see where it happened.\n')
}

function failureText(error: unknown): string {
  return error instanceof AggregateError ? error.errors.map(errorText).join('; ') : errorText(error)
}

/** Failures that are the caller's to mend. */
const usageCodes: ReadonlySet<ErrorCode> = new Set([
  'INL_APP_CONFIG',
  'INL_APP_CONFIG_UNREADABLE',
  'INL_CLI_USAGE',
  'INL_COR_UNIT',
  'INL_ING_UNKNOWN_SOURCE',
  'INL_LAK_QUERY_REFUSED',
  'INL_LAK_QUERY_FAILED',
  'INL_PRV_KEY_NEEDED',
  'INL_PRV_SUBJECT',
  'INL_SCH_FILE',
  'INL_SCH_CONFLICT',
  'INL_SCH_UNKNOWN',
  'INL_SCH_NOT_SEEN',
])

function exitCode(error: unknown): number {
  return error instanceof InletError && usageCodes.has(error.code) ? USAGE_EXIT : 1
}

function rootOf(command: Command): Command {
  return command.parent === null ? command : rootOf(command.parent)
}

/** Shown at the end of a command's help, each with what it does. */
export function examples(...lines: readonly string[]): string {
  return `\nExamples:\n${lines.map((line) => `  $ ${line}\n`).join('')}`
}

/** For options that take a whole number of at least `least`. */
export function count(least: number): (text: string) => number {
  return (text) => {
    const value = Number(text)
    if (/^\d+$/.test(text) && Number.isSafeInteger(value) && value >= least) return value
    throw new InvalidArgumentError(`It takes a whole number of at least ${least}.`)
  }
}

/** For options that take a duration; ms. */
export function duration(text: string): number {
  try {
    return parseDuration(text)
  } catch (error) {
    throw new InvalidArgumentError(errorText(error))
  }
}

/** For options that may be given several times. */
export function collect(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, text]
}
