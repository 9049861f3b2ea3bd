/**
 * The open connections of a server: how many there may be, which of them have not brought a
 * request, and which bring nothing any longer. Of Node's own limits, that of a server closes
 * whoever comes, and the time-out of a socket sets a timer with each read and write.
 *
 * Guarantee (I6): strangers keep no proven sender out. Where there are too many connections, the
 * oldest goes that has proven nothing; one that has is never closed for another. One address, save
 * that of a declared proxy, has a part of them at most.
 */
import { type Server, Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { isSystemError } from '../core/files.ts'
import { plainAddress } from './clients/address-list.ts'

export interface ConnectionLimits {
  readonly connections: number
  readonly connectionsPerAddress: number
}

export interface ConnectionsOptions {
  readonly isTls: boolean
  readonly limits: ConnectionLimits
  /** True for an address that speaks for many clients. */
  readonly isProxy: (address: string) => boolean
  /**
   * Told why one was closed: for its number, `connections` or `address`; `aborted` by a client that
   * began a handshake and did not end it.
   */
  readonly closed: (reason: string) => void
}

export class Connections {
  readonly #options: ConnectionsOptions
  /** With the bytes that each had received when it was last looked at. */
  readonly #open = new Map<Socket, number>()
  readonly #silent = new Set<Socket>()
  /** Those that were closed here, not by their client. */
  readonly #ours = new WeakSet<Socket>()
  readonly #byAddress = new Map<string, number>()
  /** By their place, the oldest first. */
  readonly #strangers = new Map<string, Socket>()

  constructor(server: Pick<Server, 'on'>, options: ConnectionsOptions) {
    this.#options = options
    server.on('connection', (socket: Socket) => this.#welcome(socket))
    server.on(options.isTls ? 'secureConnection' : 'connection', (socket: Socket) => {
      this.#silent.add(socket)
      socket.once('close', () => this.#silent.delete(socket))
    })
    server.on('tlsClientError', (error: Error, socket: TLSSocket) => {
      if (this.#isLeft(error, socket)) options.closed('aborted')
    })
  }

  get count(): number {
    return this.#open.size
  }

  /** To be called for each request. */
  heard(socket: Socket): void {
    this.#silent.delete(socket)
  }

  /** To be called once somebody on it has proven who it is. */
  proven(socket: Socket): void {
    this.#strangers.delete(placeOf(socket))
  }

  closeSilent(): void {
    for (const socket of this.#silent) socket.destroy()
  }

  /** Closes those that have brought no byte since the last call. */
  closeIdle(): void {
    for (const [socket, before] of this.#open) {
      if (socket.bytesRead === before) this.#close(socket)
      else this.#open.set(socket, socket.bytesRead)
    }
  }

  closeAll(): void {
    for (const socket of this.#open.keys()) this.#close(socket)
  }

  #close(socket: Socket): void {
    this.#ours.add(socket)
    socket.destroy()
  }

  /** A check that merely connects, as those of load balancers, began no handshake. */
  #isLeft(error: Error, socket: TLSSocket): boolean {
    const beneath = connectionOf(socket)
    if (!isSystemError(error, 'ECONNRESET') || socket.authorizationError) return false
    return beneath !== null && beneath.bytesRead > 0 && !this.#ours.has(beneath)
  }

  #welcome(socket: Socket): void {
    const { limits, isProxy, closed } = this.#options
    const address = plainAddress(socket.remoteAddress ?? '')
    const ofAddress = this.#byAddress.get(address) ?? 0
    if (ofAddress >= limits.connectionsPerAddress && !isProxy(address)) {
      closed('address')
      this.#close(socket)
      return
    }
    if (this.#open.size >= limits.connections) {
      closed('connections')
      const [oldest] = this.#strangers.values()
      if (oldest === undefined) {
        this.#close(socket)
        return
      }
      this.#forget(oldest)
      this.#close(oldest)
    }
    this.#remember(socket, address)
  }

  #remember(socket: Socket, address: string): void {
    const place = placeOf(socket)
    this.#open.set(socket, -1)
    this.#strangers.set(place, socket)
    this.#byAddress.set(address, (this.#byAddress.get(address) ?? 0) + 1)
    socket.once('close', () => {
      this.#forget(socket, place)
      const left = (this.#byAddress.get(address) ?? 1) - 1
      if (left === 0) this.#byAddress.delete(address)
      else this.#byAddress.set(address, left)
    })
  }

  #forget(socket: Socket, place: string = placeOf(socket)): void {
    this.#open.delete(socket)
    if (this.#strangers.get(place) === socket) this.#strangers.delete(place)
  }
}

/** Beneath a TLS that is closed, which tells of no bytes; under a name of Node's own. */
function connectionOf(socket: TLSSocket): Socket | null {
  return '_parent' in socket && socket._parent instanceof Socket ? socket._parent : null
}

/** The same for a connection and for the TLS that is spoken over it. */
function placeOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`
}
