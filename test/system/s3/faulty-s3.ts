/** A proxy before the real server that does to each request what a test says. */
import * as http from 'node:http'
import type { AddressInfo } from 'node:net'
import { endpoint } from './bucket.ts'

/**
 * - `pass`: nothing
 * - `silent`: it is never answered, and never reaches the server
 * - `mute`: the server does it, and its answer is lost with the connection
 * - `cut`: the answer breaks off in the middle of its body
 * - a number: that status, and the server does not hear of it
 */
export type Fault = 'pass' | 'silent' | 'mute' | 'cut' | 500 | 503 | 403

export interface Asked {
  readonly method: string
  /** With the query. */
  readonly path: string
  /** How often this method and path came before. */
  readonly before: number
}

export interface FaultyS3 {
  readonly url: string
  /** How many requests came, and which were not let pass. */
  readonly requests: () => number
  readonly faults: () => readonly string[]
  manner(choose: (asked: Asked) => Fault): void
  close(): Promise<void>
}

export async function startFaultyS3(): Promise<FaultyS3> {
  const before = new Map<string, number>()
  const faults: string[] = []
  let choose: (asked: Asked) => Fault = () => 'pass'
  let requests = 0
  const server = http.createServer((request, response) => {
    requests++
    const { method = '', url: path = '' } = request
    const name = `${method} ${path}`
    const count = before.get(name) ?? 0
    before.set(name, count + 1)
    const fault = choose({ method, path, before: count })
    if (fault !== 'pass') faults.push(`${fault} ${name}`)
    if (fault === 'silent') request.resume()
    else if (typeof fault === 'number') refuse(request, response, fault)
    else forward(request, response, fault)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    requests: () => requests,
    faults: () => faults,
    manner(next) {
      choose = next
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

const codes = { 403: 'AccessDenied', 500: 'InternalError', 503: 'SlowDown' }

function refuse(
  request: http.IncomingMessage,
  response: http.ServerResponse,
  status: 500 | 503 | 403,
): void {
  request.resume().on('end', () => {
    response.writeHead(status, { 'content-type': 'application/xml' })
    response.end(`<?xml version="1.0"?><Error><Code>${codes[status]}</Code></Error>`)
  })
}

/** The host stays the one that was signed. */
function forward(
  request: http.IncomingMessage,
  response: http.ServerResponse,
  fault: 'pass' | 'mute' | 'cut',
): void {
  const { hostname, port } = new URL(endpoint)
  const { method, url: path, headers } = request
  const onward = http.request({ hostname, port, method, path, headers, agent: false })
  onward.on('error', () => response.destroy())
  onward.on('response', (answer) => {
    const chunks: Buffer[] = []
    answer.on('data', (chunk: Buffer) => chunks.push(chunk))
    answer.on('end', () => {
      const body = Buffer.concat(chunks)
      if (fault === 'mute') {
        response.destroy()
        return
      }
      response.writeHead(answer.statusCode ?? 500, answer.headers)
      if (fault === 'pass') response.end(body)
      else response.write(body.subarray(0, body.length >> 1), () => response.destroy())
    })
  })
  request.pipe(onward)
}
