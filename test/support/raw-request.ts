/** HTTP by hand, for what no client would send. */
import { connect, type Socket } from 'node:net'

export interface RawConnection {
  readonly socket: Socket
  write(bytes: string | Uint8Array): void
  /** Resolves to everything received once the server has closed the connection. */
  readonly closed: Promise<string>
  /** Resolves once what was received matches; rejects when the connection closes before. */
  received(pattern: RegExp): Promise<string>
}

/** Rejects where nobody listens. */
export async function openRaw(port: number): Promise<RawConnection> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true })
  let text = ''
  let over = false
  let look = () => {}
  socket.setEncoding('latin1')
  socket.on('data', (piece: string) => {
    text += piece
    look()
  })
  // A reset ends a connection as well as a close does.
  socket.on('error', () => undefined)
  const closed = new Promise<string>((resolve) => {
    socket.on('close', () => {
      over = true
      look()
      resolve(text)
    })
  })
  await new Promise((resolve, reject) => {
    socket.once('connect', resolve)
    socket.once('error', reject)
  })
  return {
    socket,
    closed,
    write: (bytes) => void socket.write(bytes),
    received: (pattern) =>
      new Promise((resolve, reject) => {
        look = () => {
          if (pattern.test(text)) resolve(text)
          else if (over) reject(new Error(`closed after ${JSON.stringify(text)}`))
        }
        look()
      }),
  }
}

/** The bytes of a POST; `headers` are lines. */
export function post(path: string, body: string, headers: readonly string[] = []): string {
  const length = `Content-Length: ${Buffer.byteLength(body)}`
  return [`POST ${path} HTTP/1.1`, 'Host: h', length, ...headers, '', body].join('\r\n')
}
