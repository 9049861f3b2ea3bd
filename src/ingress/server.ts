/**
 * The listener: Node's HTTP server, with every limit set and nothing answered but by us.
 *
 * A time-out and malformed HTTP close the connection without an answer: there may be another
 * request's answer on its way, and Node's own 408 is one that senders do not retry.
 */
import { createServer as createHttpServer, type Server, type ServerResponse } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import { errorText, InletError } from '../core/errors.ts'
import type { IngressLimits, IngressOptions } from './options.ts'
import { IngressRequest } from './request.ts'

export interface Handlers {
  /** Called once a head is complete. */
  serve(request: IngressRequest, response: ServerResponse): void
  /** A connection was closed without an answer: `timeout`, `malformed` or `connections`. */
  closed(reason: string): void
}

type IngressServer = Server<typeof IngressRequest>

/** Throws INL_ING_LISTEN where certificate and key cannot be used. */
export function createIngressServer(options: IngressOptions, handlers: Handlers): IngressServer {
  const server = create(options)
  const { limits } = options
  server.maxHeadersCount = limits.headerCount
  server.maxConnections = limits.connections
  server.on('request', (request, response) => handlers.serve(request, response))
  server.on('checkExpectation', (request, response) => handlers.serve(request, response))
  server.on('checkContinue', (request, response) => {
    request.awaitsContinue = true
    handlers.serve(request, response)
  })
  server.on('drop', () => handlers.closed('connections'))
  server.on('clientError', (error: Error & { code?: string }, socket) => {
    socket.destroy()
    if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT') handlers.closed('timeout')
    else if (error.code?.startsWith('HPE_')) handlers.closed('malformed')
  })
  return server
}

function create(options: IngressOptions): IngressServer {
  const { tls, host, port } = options
  const shared = serverOptions(options.limits)
  if (tls === null) return createHttpServer(shared)
  try {
    return createHttpsServer({ ...shared, ...tls, handshakeTimeout: options.limits.headersMs })
  } catch (error) {
    throw new InletError('INL_ING_LISTEN', { host, port, reason: errorText(error) }, error)
  }
}

function serverOptions(limits: IngressLimits) {
  return {
    IncomingMessage: IngressRequest,
    maxHeaderSize: limits.headerBytes,
    headersTimeout: limits.headersMs,
    requestTimeout: limits.requestMs,
    // How late a time-out may come.
    connectionsCheckingInterval: Math.ceil(Math.min(limits.headersMs, limits.requestMs) / 4),
    // Idle connections are looked for instead; see ./connections.ts.
    keepAliveTimeout: 0,
    // Nothing depends on the host, and Node's own refusal would not be counted.
    requireHostHeader: false,
  }
}
