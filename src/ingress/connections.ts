/**
 * The open connections of a server: which of them have not brought a request, and which bring
 * nothing any longer. Node does neither well: the first it takes for busy, and for the second it
 * sets a timer with each request, which costs as much as a twentieth of handling one.
 */
import type { Server } from 'node:http'
import type { Socket } from 'node:net'

export class Connections {
  /** With the bytes that each had received when it was last looked at. */
  readonly #open = new Map<Socket, number>()
  readonly #silent = new Set<Socket>()

  constructor(server: Pick<Server, 'on'>, isTls: boolean) {
    server.on('connection', (socket: Socket) => {
      this.#open.set(socket, -1)
      socket.once('close', () => this.#open.delete(socket))
    })
    server.on(isTls ? 'secureConnection' : 'connection', (socket: Socket) => {
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
}
