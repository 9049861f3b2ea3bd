/**
 * Real Inlet processes for system tests: started, waited for, and ended by their process id only.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

export const inletScript = fileURLToPath(new URL('../../bin/inlet.js', import.meta.url))

export interface InletProcess {
  readonly child: ChildProcess
  /** Resolves to the exit code, or to the name of the signal that ended it. */
  readonly ended: Promise<number | string>
  readonly stdout: () => string
  readonly stderr: () => string
  signal(name: NodeJS.Signals): void
}

export interface InletSurroundings {
  readonly env?: NodeJS.ProcessEnv
  readonly cwd?: string
  /** A command that runs the one behind it, such as `nsenter`. */
  readonly within?: readonly string[]
  /** The file descriptor of a bound socket, handed over as a service manager does. */
  readonly socket?: number
}

/** As sd_listen_fds(3) has it. */
const activated = ['sh', '-c', 'LISTEN_PID=$$ LISTEN_FDS=1 exec "$@"', 'sh']

export function startInlet(args: readonly string[], options: InletSurroundings = {}): InletProcess {
  const { socket, within = socket === undefined ? [] : activated } = options
  const command = [...within, process.execPath, inletScript, ...args]
  const [program = process.execPath, ...rest] = command
  const child = spawn(program, rest, {
    stdio: ['ignore', 'pipe', 'pipe', socket ?? 'ignore'],
    env: { ...process.env, ...options.env },
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  })
  let stdout = ''
  let stderr = ''
  child.stdout?.on('data', (bytes) => {
    stdout += bytes
  })
  child.stderr?.on('data', (bytes) => {
    stderr = (stderr + bytes).slice(-1_000_000)
  })
  const ended = new Promise<number | string>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code, signal) => resolve(code ?? signal ?? 'unknown'))
  })
  return {
    child,
    ended,
    stdout: () => stdout,
    stderr: () => stderr,
    signal: (name) => void child.kill(name),
  }
}

/** Runs a command to its end; throws with its output when it did not exit with `expected`. */
export async function runInlet(
  args: readonly string[],
  options: InletSurroundings & { expected?: readonly (number | string)[] } = {},
): Promise<{ stdout: string; stderr: string; code: number | string }> {
  const started = startInlet(args, options)
  const code = await started.ended
  const [stdout, stderr] = [started.stdout(), started.stderr()]
  if (!(options.expected ?? [0]).includes(code)) {
    throw new Error(`inlet ${args.join(' ')} ended with ${code}\n${stdout}\n${stderr}`)
  }
  return { stdout, stderr, code }
}
