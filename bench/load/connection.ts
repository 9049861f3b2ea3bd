/**
 * One keep-alive connection of the load: a request at a time over a raw or a TLS socket, so that
 * the sender costs little beside the server it measures.
 */
import { connect, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'

export interface Connection {
  /** Calls back with the status once the whole answer is here. One request at a time. */
  send(request: Buffer, answered: (status: number) => void): void
  close(): void
}

/** PEM. */
export interface ClientTls {
  readonly ca: string
  /** What the client shows, if it shows anything. */
  readonly cert?: string
  readonly key?: string
}

export function openConnection(port: number, tls: ClientTls | null): Promise<Connection> {
  const place = { port, host: '127.0.0.1', noDelay: true }
  return new Promise((resolve, reject) => {
    const socket = tls === null ? connect(place) : connectTls({ ...place, ...tls })
    socket.once('error', reject)
    const isReady = tls === null ? 'connect' : 'secureConnect'
    socket.once(isReady, () => resolve(overSocket(socket)))
  })
}

function overSocket(socket: Socket): Connection {
  let waiting: ((status: number) => void) | null = null
  let answer = ''
  socket.setEncoding('latin1')
  socket.on('data', (text: string) => {
    answer += text
    const status = statusOf(answer)
    if (status === null) return
    const answered = waiting
    answer = ''
    waiting = null
    answered?.(status)
  })
  socket.on('close', () => waiting?.(0))
  return {
    send(request, answered) {
      waiting = answered
      socket.write(request)
    },
    close: () => socket.destroy(),
  }
}

/** Null until the whole answer is there. */
function statusOf(answer: string): number | null {
  const headEnd = answer.indexOf('\r\n\r\n')
  if (headEnd === -1) return null
  const length = /content-length: (\d+)/i.exec(answer)?.[1]
  if (answer.length < headEnd + 4 + Number(length ?? 0)) return null
  return Number(answer.slice(9, 12))
}
