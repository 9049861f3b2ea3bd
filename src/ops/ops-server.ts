/**
 * The operator's own port: its pages, such as `GET /metrics`.
 *
 * Guarantee: it never keeps a process from its work. Where the port cannot be had, that is told
 * once and tried again. Limits: plain HTTP without a proof, so that it belongs on loopback, which
 * the configuration sees to; what it serves holds no personal data (I8).
 */
import { createServer, type Server, type ServerResponse } from 'node:http'
import type { Clock } from '../core/clock.ts'
import { errorText } from '../core/errors.ts'
import type { Lifecycle } from '../core/lifecycle.ts'
import type { Observer } from '../observe/events.ts'

const TRY_AGAIN_MS = 10_000
/** Of somebody who only asks for a page. */
const REQUEST_MS = 10_000
const HEADER_BYTES = 8 * 1024
const CONNECTIONS = 50

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
}

export interface OpsPage {
  readonly headers: Readonly<Record<string, string>>
  readonly read: () => Promise<string>
}

export interface OpsServer extends Lifecycle {
  /** Where it listens; null while it does not. */
  readonly port: number | null
}

export function openOpsServer(deps: OpsDeps, options: OpsOptions): OpsServer {
  return new HttpOpsServer(deps, options)
}

class HttpOpsServer implements OpsServer {
  readonly name = 'ops'
  readonly #deps: OpsDeps
  readonly #options: OpsOptions
  readonly #server: Server
  #stopTrying: () => void = () => undefined
  #told = false

  constructor(deps: OpsDeps, options: OpsOptions) {
    this.#deps = deps
    this.#options = options
    const whatThereIs = `There is ${Object.keys(options.pages).join(' and ')} here.\n`
    const limits = { requestTimeout: REQUEST_MS, maxHeaderSize: HEADER_BYTES }
    this.#server = createServer(limits, ({ method, url = '' }, response) => {
      const page = Object.hasOwn(options.pages, url) ? options.pages[url] : undefined
      if (page === undefined) answer(response, { status: 404, text: whatThereIs })
      else if (method !== 'GET') answer(response, askWithGet)
      else void serve(page, response)
    })
    this.#server.maxConnections = CONNECTIONS
  }

  get port(): number | null {
    const address = this.#server.address()
    return typeof address === 'object' && address !== null ? address.port : null
  }

  async start(): Promise<void> {
    if (this.#server.listening || (await this.#listen())) return
    this.#stopTrying()
    this.#stopTrying = this.#deps.clock.every(TRY_AGAIN_MS, () => {
      void this.#listen().then((listening) => {
        if (listening) this.#stopTrying()
      })
    })
  }

  async drain(): Promise<void> {}

  async stop(): Promise<void> {
    this.#stopTrying()
    if (!this.#server.listening) return
    const closed = new Promise((resolve) => this.#server.close(resolve))
    this.#server.closeAllConnections()
    await closed
  }

  /** False where the port cannot be had. */
  #listen(): Promise<boolean> {
    const { host, port } = this.#options
    const { observer } = this.#deps
    return new Promise((resolve) => {
      const settle = (listening: boolean) => {
        this.#server.off('error', failed)
        this.#server.off('listening', succeeded)
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
      this.#server.on('error', failed)
      this.#server.on('listening', succeeded)
      this.#server.listen(port, host)
    })
  }
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
