/**
 * The open connections of a server, and which of them have not brought a request: these can be
 * closed at any time, which Node does only for connections between two requests.
 */
import type { Server } from 'node:http'
import type { Socket } from 'node:net'

export class Connections {
  readonly #open = new Set<Socket>()
  readonly #silent = new Set<Socket>()

  constructor(server: Pick<Server, 'on'>, isTls: boolean) {
    server.on('connection', (socket: Socket) => {
      this.#open.add(socket)
      socket.once('close', () => this.#open.delete(socket))
    })
    server.on(isTls ? 'secureConnection' : 'connection', (socket: Socket) => {
      this.#silent.add(socket)
      socket.once('close', () => this.#silent.delete(socket))
    })
  }

  /** To be called for each request. */
  heard(socket: Socket): void {
    this.#silent.delete(socket)
  }

  closeSilent(): void {
    for (const socket of this.#silent) socket.destroy()
  }

  closeAll(): void {
    for (const socket of this.#open) socket.destroy()
  }
}
