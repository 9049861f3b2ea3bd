/**
 * A role as a child process of the same command.
 *
 * The two are joined by a channel. Over it the child says that it is ready and answers what it is
 * asked; and when the parent is gone, however it went, the channel closes and the child drains and
 * ends, so that no gateway is left behind holding its port and its journal. Its output is the
 * parent's. A gateway may be handed the listening socket as a file descriptor, see ./door.ts.
 */
import { spawn } from 'node:child_process'
import type { MeasuredChild } from './fleet.ts'
import type { ChildExit, Part } from './supervisor.ts'

/** What a child sends once it is ready. */
export const READY = 'ready'

/** What a parent sends to be told the metrics of a child. */
export const TELL_METRICS = 'tell metrics'

/** What the child sends then. */
export interface ToldMetrics {
  readonly metrics: unknown
}

/** Tells a role that it was started by another process of Inlet, which it must not outlive. */
export const CHILD_FLAG = '--child'

/** Tells a gateway which of several it is. */
export const WORKER_FLAG = '--worker'

/** Tells a gateway which of its file descriptors is the socket to take connections from. */
export const DOOR_FLAG = '--door'

/**
 * What a gateway is started with. V8 lets its young generation grow to three times 16 MiB under
 * batches. Half of that leaves 218 to 260 MiB instead of 309 to 342 after 64 connections of batches
 * of 500, at the same cost in CPU.
 *
 * Little of a gateway lives long, so that V8 sets the limit of its old generation low, and the
 * bodies that stand beside the heap pass it every few megabytes: with room from the start there
 * are 10 full collections instead of 22 to 33 in 300,000 events of batches, in the same memory.
 */
export const gatewayFlags: readonly string[] = [
  '--max-semi-space-size=8',
  '--initial-old-space-size=48',
]

/**
 * glibc keeps what was freed for bodies of the size that came last, in pieces between what lives.
 * With a fixed threshold each larger body is given back to the system at once: 231 MiB instead of
 * 271, at the same cost in CPU. Whatever the environment says goes before it; other C libraries do
 * not know it.
 */
export const gatewayEnvironment = { MALLOC_MMAP_THRESHOLD_: String(128 * 2 ** 10) }

/** Behind input, output, errors and the channel. */
const doorInChild = 4

export interface ChildCommand {
  /** Such as `process.execPath`. */
  readonly executable: string
  /** Its own, and of those that it starts. */
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Options of the executable, then the script. */
  readonly script: readonly string[]
  /** Behind the name of the role. */
  readonly args: readonly string[]
  /** The file descriptor that its output goes to; left out: where that of this process goes. */
  readonly output?: number
  /** The file descriptor of the socket that gateways share. */
  readonly door?: number
}

export function spawnPart(command: ChildCommand, part: Part): MeasuredChild {
  const output = command.output ?? 'inherit'
  const door = part.role === 'gateway' ? command.door : undefined
  const flags = part.role === 'gateway' ? gatewayFlags : []
  const surroundings = part.role === 'gateway' ? gatewayEnvironment : {}
  const args = [...flags, ...command.script, part.role, CHILD_FLAG, ...command.args]
  if (part.worker !== undefined) args.push(WORKER_FLAG, String(part.worker))
  if (door !== undefined) args.push(DOOR_FLAG, String(doorInChild))
  const child = spawn(command.executable, args, {
    stdio: ['ignore', output, output, 'ipc', door ?? 'ignore'],
    env: { ...surroundings, ...command.environment },
  })
  const { promise: ready, resolve: isReady } = Promise.withResolvers<void>()
  let asking: Promise<unknown> | null = null
  let told: ((metrics: unknown) => void) | null = null
  child.on('message', (message: typeof READY | ToldMetrics) => {
    if (message === READY) isReady()
    else told?.(message.metrics)
  })
  const exited = new Promise<ChildExit>((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal }))
    // It could not be started at all.
    child.once('error', () => resolve({ code: 1, signal: null }))
  })
  return {
    ready,
    exited,
    terminate: () => void child.kill('SIGTERM'),
    kill: () => void child.kill('SIGKILL'),
    metrics() {
      asking ??= new Promise((resolve) => {
        told = (metrics) => {
          asking = null
          resolve(metrics)
        }
        // It may be gone: then nobody answers, and the one who asks knows by its end.
        child.send(TELL_METRICS, () => undefined)
      })
      return asking
    },
  }
}
