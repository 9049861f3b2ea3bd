/**
 * A proxy before the real server that keeps what Amazon documents of conditional writes: a PUT with
 * `If-None-Match: *` is refused with 412 where the key has a current object, in a bucket with
 * versions too ("How to prevent object overwrites with conditional writes"). Ceph 16 keeps it in
 * buckets without versions only. A HEAD goes first, in turn with other such PUTs; nothing else is
 * changed. Only one proxy may stand before a bucket.
 */
import * as http from 'node:http'
import type { AddressInfo } from 'node:net'
import { endpoint, s3 } from './bucket.ts'

export interface ConditionalS3 {
  readonly url: string
  close(): Promise<void>
}

export async function startConditionalS3(): Promise<ConditionalS3> {
  let turn: Promise<unknown> = Promise.resolve()
  const server = http.createServer((request, response) => {
    const isConditional = request.method === 'PUT' && request.headers['if-none-match'] === '*'
    if (!isConditional) return void forward(request, response)
    turn = turn.then(async () => {
      if (await isThere(request.url ?? '')) refuse(request, response)
      else await forward(request, response)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/** `/bucket/key?x-id=PutObject` */
async function isThere(url: string): Promise<boolean> {
  const [, Bucket = '', ...parts] = new URL(url, endpoint).pathname.split('/')
  const Key = decodeURIComponent(parts.join('/'))
  return s3.headObject({ Bucket, Key }).then(
    () => true,
    (error: { readonly $metadata?: { readonly httpStatusCode?: number } }) => {
      if (error.$metadata?.httpStatusCode === 404) return false
      throw error
    },
  )
}

function refuse(request: http.IncomingMessage, response: http.ServerResponse): void {
  request.resume().on('end', () => {
    response.writeHead(412, { 'content-type': 'application/xml' })
    response.end('<?xml version="1.0"?><Error><Code>PreconditionFailed</Code></Error>')
  })
}

/** The host stays the one that was signed. Resolves once the server has answered. */
function forward(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
  const { hostname, port } = new URL(endpoint)
  const { method, url: path, headers } = request
  return new Promise((resolve) => {
    const onward = http.request({ hostname, port, method, path, headers, agent: false })
    onward.on('error', () => {
      response.destroy()
      resolve()
    })
    onward.on('response', (answer) => {
      response.writeHead(answer.statusCode ?? 500, answer.headers)
      answer.pipe(response).on('close', resolve)
    })
    request.pipe(onward)
  })
}
