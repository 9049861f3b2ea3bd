/**
 * The entry of the command `inlet`: gives a command the real process, and ends with its exit code.
 *
 * The first SIGTERM or SIGINT asks a command to finish, the second ends it. A role that another
 * `inlet run` started takes no SIGINT, for a terminal sends it to both and the other decides the
 * order; it ends when that one is gone.
 */
import { createRequire } from 'node:module'
import { text } from 'node:stream/consumers'
import { CHILD_FLAG, READY, TELL_METRICS, type ToldMetrics } from '../app/child.ts'
import { realMachine } from '../app/machine.ts'
import { giveWay, stopGivingWay } from '../core/give-way.ts'
import { runCommandLine } from './program.ts'

const manifest: { version: string } = createRequire(import.meta.url)('../../package.json')
const stop = new AbortController()
const hurry = new AbortController()
const isChild = process.argv.includes(CHILD_FLAG)

function asked(): void {
  if (stop.signal.aborted) {
    hurry.abort()
    process.exit(1)
  }
  stop.abort(new Error('told to stop'))
}

function answerParent(metrics: () => Promise<unknown>): void {
  process.on('message', (message) => {
    if (message !== TELL_METRICS) return
    void metrics().then((told) => {
      const reply: ToldMetrics = { metrics: told }
      // A parent that is gone asks no more.
      process.send?.(reply, undefined, undefined, () => undefined)
    })
  })
}

process.on('SIGTERM', asked)
process.on('SIGINT', isChild ? () => undefined : asked)
if (isChild) process.on('disconnect', () => stop.abort(new Error('the parent is gone')))
// `inlet run` stops the door first; what is left then has to be done before it loses patience.
if (isChild) stop.signal.addEventListener('abort', stopGivingWay)
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // Whoever read the output has seen enough.
  if (error.code === 'EPIPE') process.exit(0)
  console.error(`inlet: the output cannot be written: ${error.message}. Write it elsewhere.`)
  process.exit(1)
})

const exitCode = await runCommandLine(process.argv.slice(2), {
  machine: realMachine,
  stdout: (text) => void process.stdout.write(text),
  stderr: (text) => void process.stderr.write(text),
  readInput: () => text(process.stdin),
  watched: process.stderr.isTTY === true,
  environment: process.env,
  folder: process.cwd(),
  version: manifest.version,
  nodeVersion: process.versions.node,
  stop: stop.signal,
  hurry: hurry.signal,
  giveWay,
  self: {
    executable: process.execPath,
    environment: process.env,
    script: [...process.execArgv, process.argv[1] ?? ''],
  },
  ready: () => process.send?.(READY),
  answerParent: isChild ? answerParent : null,
})
await new Promise((resolve) => process.stdout.write('', resolve))
process.exit(exitCode)
