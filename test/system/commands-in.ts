/** Commands in the folder of a test, and what they tell as JSON. */
import { runIn } from '../support/shell.ts'
import { runInlet } from './inlet-process.ts'

export type Json = ReturnType<typeof JSON.parse>

export interface Place {
  readonly cwd: string
  readonly env?: Readonly<Record<string, string>>
  /** Exit codes that are no failure; 0 and 1 by default. */
  readonly expected?: readonly (number | string)[]
}

/**
 * What only looks is run in the test's own process: to start one costs a second of a processor,
 * which whoever waits for others takes away from them each time that it looks.
 */
const looks: ReadonlySet<string> = new Set(['audit', 'query', 'status'])

export async function told(place: Place, ...args: string[]): Promise<Json> {
  const { stdout, stderr } = await run(place, [...args, '--json'])
  return JSON.parse(stdout || stderr)
}

async function run({ cwd, env = {}, expected = [0, 1] }: Place, args: readonly string[]) {
  const [command = ''] = args
  if (!looks.has(command)) return runInlet(args, { cwd, env, expected })
  const ran = await runIn({ folder: cwd, environment: env }, args)
  if (!expected.includes(ran.code))
    throw new Error(`${command} ended with ${ran.code}\n${ran.stderr}`)
  return ran
}
