/**
 * The open connections of a server: how many there may be, which of them have not brought a
 * request, and which bring nothing any longer. Of Node's own limits, that of a server closes
 * whoever comes, and the time-out of a socket sets a timer with each read and write.
 *
 * Guarantee (I6): strangers keep no proven sender out. Where there are too many connections, the
 * oldest goes that has proven nothing; one that has is never closed for another. One address, save
 * that of a declared proxy, has a part of them at most.
 */
import type { Server, Socket } from 'node:net'
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
  /** Told why one was closed for its number: `connections` or `address`. */
  readonly closed: (reason: string) => void
}

export class Connections {
  readonly #options: ConnectionsOptions
  /** With the bytes that each had received when it was last looked at. */
  readonly #open = new Map<Socket, number>()
  readonly #silent = new Set<Socket>()
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
      if (socket.bytesRead === before) socket.destroy()
      else this.#open.set(socket, socket.bytesRead)
    }
  }

  closeAll(): void {
    for (const socket of this.#open.keys()) socket.destroy()
  }

  #welcome(socket: Socket): void {
    const { limits, isProxy, closed } = this.#options
    const address = plainAddress(socket.remoteAddress ?? '')
    const ofAddress = this.#byAddress.get(address) ?? 0
    if (ofAddress >= limits.connectionsPerAddress && !isProxy(address)) {
      closed('address')
      socket.destroy()
      return
    }
    if (this.#open.size >= limits.connections) {
      closed('connections')
      const [oldest] = this.#strangers.values()
      if (oldest === undefined) {
        socket.destroy()
        return
      }
      this.#forget(oldest)
      oldest.destroy()
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

/** The same for a connection and for the TLS that is spoken over it. */
function placeOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`
}
