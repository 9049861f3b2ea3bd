/**
 * The operator's own port: its pages, such as `GET /metrics`.
 *
 * Guarantee: it never keeps a process from its work. Where the port cannot be had, that is told
 * once and tried again. What it serves holds no personal data (I8); other machines are asked for a
 * proof over TLS, which the configuration sees to.
 */
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http'
import { createServer as createTlsServer, Server as TlsServer } from 'node:https'
import type { Clock } from '../core/clock.ts'
import { errorText } from '../core/errors.ts'
import type { Lifecycle } from '../core/lifecycle.ts'
import { secureContext } from '../ingress/clients/tls.ts'
import type { TlsOptions } from '../ingress/options.ts'
import type { Proof } from '../ingress/proofs/proof.ts'
import type { Observer } from '../observe/events.ts'

const TRY_AGAIN_MS = 10_000
/** Of somebody who only asks for a page. */
const REQUEST_MS = 10_000
const HEADER_BYTES = 8 * 1024
const CONNECTIONS = 50
/** How late a limit of time may be met. */
const CHECK_MS = 5000
const limits = {
  requestTimeout: REQUEST_MS,
  headersTimeout: REQUEST_MS,
  connectionsCheckingInterval: CHECK_MS,
  maxHeaderSize: HEADER_BYTES,
}

export interface OpsDeps {
  readonly clock: Clock
  readonly observer: Observer
}

export interface OpsOptions {
  readonly host: string
  /** 0 takes a free one. */
  readonly port: number
  /** By path. */
  readonly pages: Readonly<Record<string, OpsPage>>
  /** Of whoever asks; null where anybody may. */
  readonly proof: Proof | null
  /** It listens once it was given a certificate (`renewTls`). */
  readonly isTls: boolean
}

export interface OpsPage {
  readonly headers: Readonly<Record<string, string>>
  readonly read: () => Promise<string>
}

export interface OpsServer extends Lifecycle {
  /** Where it listens; null while it does not. */
  readonly port: number | null
  /** From here on, certificate and key are these; resolves to 0: it closes no connection. */
  renewTls(tls: TlsOptions): Promise<number>
}

export function openOpsServer(deps: OpsDeps, options: OpsOptions): OpsServer {
  return new HttpOpsServer(deps, options)
}

class HttpOpsServer implements OpsServer {
  readonly name = 'ops'
  readonly #deps: OpsDeps
  readonly #options: OpsOptions
  /** Null until there is a certificate. */
  #server: Server | null
  #isStarted = false
  #stopTrying: () => void = () => undefined
  #told = false

  constructor(deps: OpsDeps, options: OpsOptions) {
    this.#deps = deps
    this.#options = options
    this.#server = options.isTls ? null : createServer(limits, this.#listener())
  }

  get port(): number | null {
    const address = this.#server?.address()
    return typeof address === 'object' && address !== null ? address.port : null
  }

  async renewTls(tls: TlsOptions): Promise<number> {
    if (this.#server instanceof TlsServer) this.#server.setSecureContext(secureContext(tls))
    else {
      const secure = { ...limits, ...secureContext(tls), handshakeTimeout: REQUEST_MS }
      this.#server = createTlsServer(secure, this.#listener())
      if (this.#isStarted) await this.start()
    }
    return 0
  }

  async start(): Promise<void> {
    this.#isStarted = true
    const server = this.#server
    if (server === null || server.listening || (await this.#listen(server))) return
    this.#stopTrying()
    this.#stopTrying = this.#deps.clock.every(TRY_AGAIN_MS, () => {
      void this.#listen(server).then((listening) => {
        if (listening) this.#stopTrying()
      })
    })
  }

  async drain(): Promise<void> {}

  async stop(): Promise<void> {
    this.#isStarted = false
    this.#stopTrying()
    const server = this.#server
    if (server?.listening !== true) return
    const closed = new Promise((resolve) => server.close(resolve))
    server.closeAllConnections()
    await closed
  }

  #listener(): RequestListener {
    const { pages, proof } = this.#options
    const whatThereIs = `There is ${Object.keys(pages).join(' and ')} here.\n`
    return (request, response) => {
      const { method, url = '' } = request
      const page = Object.hasOwn(pages, url) ? pages[url] : undefined
      const refusal = proof === null ? null : refusalBy(proof, request, this.#deps.clock.now())
      if (refusal !== null) answer(response, refusal)
      else if (page === undefined) answer(response, { status: 404, text: whatThereIs })
      else if (method !== 'GET') answer(response, askWithGet)
      else void serve(page, response)
    }
  }

  /** False where the port cannot be had. */
  #listen(server: Server): Promise<boolean> {
    const { host, port } = this.#options
    const { observer } = this.#deps
    return new Promise((resolve) => {
      const settle = (listening: boolean) => {
        server.off('error', failed)
        server.off('listening', succeeded)
        resolve(listening)
      }
      const failed = (error: Error) => {
        if (!this.#told) observer('ops_unavailable', { host, port, reason: errorText(error) })
        this.#told = true
        settle(false)
      }
      const succeeded = () => {
        observer('ops_listening', { host, port: this.port })
        settle(true)
      }
      server.on('error', failed)
      server.on('listening', succeeded)
      server.maxConnections = CONNECTIONS
      server.listen(port, host)
    })
  }
}

/** What whoever does not prove to be an operator is told; null for who does. */
function refusalBy(
  proof: Proof,
  { headers: { authorization } }: IncomingMessage,
  at: number,
): Page | null {
  const peer = { address: '', certificate: null }
  const headers = new Map(authorization === undefined ? [] : [['authorization', authorization]])
  const verdict = proof.judge({ headers, peer, body: Buffer.alloc(0), at })
  if (verdict === 'holds') return null
  if (verdict === 'unknown') return { status: 503, text: 'The secret of ops.auth is missing.\n' }
  const asked = { 'WWW-Authenticate': proof.challenge ?? '' }
  return { status: 401, text: 'Ask with the proof that ops.auth names.\n', headers: asked }
}

async function serve({ headers, read }: OpsPage, response: ServerResponse): Promise<void> {
  try {
    answer(response, { status: 200, text: await read(), headers })
  } catch (error) {
    answer(response, { status: 500, text: `${errorText(error)}\n` })
  }
}

const askWithGet = { status: 405, text: 'Ask with GET.\n', headers: { Allow: 'GET' } }

interface Page {
  readonly status: number
  readonly text: string
  readonly headers?: Readonly<Record<string, string>>
}

function answer(response: ServerResponse, { status, text, headers = {} }: Page): void {
  response.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8', ...headers })
  response.end(text)
}
