/** A local server that answers as a test says, and remembers what it was sent. */
import * as http from 'node:http'
import * as https from 'node:https'
import { type AddressInfo, Socket } from 'node:net'

export interface Seen {
  readonly headers: http.IncomingHttpHeaders
  readonly path: string
  readonly body: Buffer
}

/** Called with each request once its body is read; `index` counts them from 0. */
export type Manner = (response: http.ServerResponse, seen: Seen, index: number) => void

export interface MisbehavingServer {
  readonly url: URL
  readonly seen: readonly Seen[]
  /** Connections that were ever opened, and requests that were under way at once at most. */
  readonly connections: () => number
  readonly mostAtOnce: () => number
  close(): Promise<void>
}

export async function startServer(
  manner: Manner,
  tls?: https.ServerOptions,
): Promise<MisbehavingServer> {
  const seen: Seen[] = []
  const sockets = new Set<unknown>()
  let atOnce = 0
  let mostAtOnce = 0
  const handle = (request: http.IncomingMessage, response: http.ServerResponse) => {
    mostAtOnce = Math.max(mostAtOnce, ++atOnce)
    response.on('close', () => atOnce--)
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const one = {
        headers: request.headers,
        path: request.url ?? '',
        body: Buffer.concat(chunks),
      }
      seen.push(one)
      manner(response, one, seen.length - 1)
    })
  }
  const server = tls === undefined ? http.createServer(handle) : https.createServer(tls, handle)
  server.on('connection', (socket) => sockets.add(socket))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: new URL(
      `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${portOf(server)}/events?a=1`,
    ),
    seen,
    connections: () => sockets.size,
    mostAtOnce: () => mostAtOnce,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

export function answer(response: http.ServerResponse, status: number, body: object = {}) {
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(JSON.stringify(body))
}

/** Ends the connection without an answer. */
export function hangUp(response: http.ServerResponse) {
  if (response.socket instanceof Socket) response.socket.destroy()
}

function portOf(server: http.Server): number {
  const address: AddressInfo | string | null = server.address()
  if (address === null || typeof address === 'string') throw new Error('the server has no port')
  return address.port
}
