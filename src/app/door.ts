/**
 * The socket that gateways take connections from: bound by their parent, which never takes any
 * itself and hands it to each as a file descriptor.
 *
 * Guarantee: a connection that the kernel has taken waits for whichever gateway is free, also while
 * one of them dies, drains or starts; only when parent and gateways have all let go is it refused.
 * A service manager may bind it instead (socket activation): then it also waits from one Inlet to
 * the next.
 * Why not a socket each: docs/adr/006.
 */
import { lookup } from 'node:dns/promises'
import net from 'node:net'
import type { Clock } from '../core/clock.ts'
import { errorText, InletError } from '../core/errors.ts'
import { isSystemError } from '../core/files.ts'
import type { Config } from './config/schema.ts'

export interface Door {
  readonly fd: number
  /** Lets go; those that were handed the socket keep it. */
  close(): void
}

export interface DoorOptions extends Pick<Config['listen'], 'host' | 'port' | 'workers'> {
  /** The file descriptor of a socket that a service manager has bound. */
  readonly given?: number
}

const TRIES = 50
const WAIT_MS = 100

/**
 * Null where this Node cannot and one gateway is wanted, which then opens a socket itself. Rejects
 * with INL_ING_LISTEN where the address cannot be had, with INL_APP_WORKERS where this Node cannot
 * share one.
 */
export async function openDoor(
  { clock }: { readonly clock: Clock },
  { host, port, workers, given }: DoorOptions,
): Promise<Door | null> {
  if (given !== undefined) return { fd: given, close: () => undefined }
  if (!('BoundSocket' in net)) {
    if (workers === 1) return null
    throw new InletError('INL_APP_WORKERS', { workers, node: process.version })
  }
  try {
    const { address } = await lookup(host)
    const bound = await bind(clock, { host: address, port })
    return { fd: bound.fd(), close: () => bound[Symbol.dispose]() }
  } catch (error) {
    throw new InletError('INL_ING_LISTEN', { host, port, reason: errorText(error) }, error)
  }
}

/** Gateways whose parent was killed let go of the port within a moment: it is tried again. */
async function bind(clock: Clock, place: net.BoundSocketOptions): Promise<net.BoundSocket> {
  for (let tries = 1; ; tries++) {
    try {
      return new net.BoundSocket(place)
    } catch (error) {
      if (!isSystemError(error, 'EADDRINUSE') || tries === TRIES) throw error
      await clock.sleep(WAIT_MS)
    }
  }
}
