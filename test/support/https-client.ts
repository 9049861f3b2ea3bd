/** A client over TLS: what it shows, what it is answered, or how it fails. */
import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { Agent, type RequestOptions, request } from 'node:https'
import { text } from 'node:stream/consumers'

export interface Reply {
  readonly status: number
  readonly body: string
  readonly headers: IncomingMessage['headers']
}

export interface HttpsClient {
  /** Rejects with the error of the connection. */
  post(path: string, body: string, headers?: Record<string, string | string[]>): Promise<Reply>
  /** The status, or the code of the error. */
  outcome(path: string, headers?: Record<string, string | string[]>): Promise<number | string>
  close(): void
}

/** Keeps its connections; `options` are those of `https.request`. */
export function httpsClient(port: number, options: RequestOptions): HttpsClient {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const shared = { host: '127.0.0.1', servername: 'localhost', port, agent, ...options }
  const post: HttpsClient['post'] = async (path, body, headers = {}) => {
    const sent = request({ ...shared, method: 'POST', path, headers })
    sent.end(body)
    const [answer] = (await once(sent, 'response')) as [IncomingMessage]
    const { statusCode: status = 0 } = answer
    return { status, body: await text(answer), headers: answer.headers }
  }
  return {
    post,
    outcome: (path, headers) =>
      post(path, '{"a":1}', headers).then(
        ({ status }) => status,
        (error: Error & { code?: string }) => error.code ?? error.message,
      ),
    close: () => agent.destroy(),
  }
}
