/**
 * The listener: Node's HTTP server, with every limit set and nothing answered but by us.
 *
 * A time-out and malformed HTTP close the connection without an answer: there may be another
 * request's answer on its way, and Node's own 408 is one that senders do not retry.
 */
import { createServer as createHttpServer, type Server, type ServerResponse } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import type { Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import { errorText, InletError } from '../core/errors.ts'
import { certificateDemand, type Demand, secureContext } from './clients/tls.ts'
import type { IngressLimits, IngressOptions } from './options.ts'
import { IngressRequest } from './request.ts'

export interface Handlers {
  /** Called once a head is complete. */
  serve(request: IngressRequest, response: ServerResponse): void
  /** True where a client without a certificate is ourselves, asking after our health. */
  takeUnheard(): boolean
  /** Asked after each handshake: false closes the connection, unheard. */
  admits(socket: Socket): boolean
  /**
   * A connection was closed without an answer: `timeout`, `malformed`, `connections`, or
   * `certificate` for a client whose own does not hold.
   */
  closed(reason: string): void
}

/** Connections that are being closed are still connections. */
const SPARE_CONNECTIONS = 100

type IngressServer = Server<typeof IngressRequest>

/** Throws INL_ING_LISTEN where certificate and key cannot be used. */
export function createIngressServer(options: IngressOptions, handlers: Handlers): IngressServer {
  const demand = certificateDemand(options)
  const server = create(options, demand)
  const { limits } = options
  server.maxHeadersCount = limits.headerCount
  // Who goes when there are too many is decided in ./connections.ts.
  server.maxConnections = limits.connections + SPARE_CONNECTIONS
  server.on('request', (request, response) => handlers.serve(request, response))
  server.on('checkExpectation', (request, response) => handlers.serve(request, response))
  server.on('checkContinue', (request, response) => {
    request.awaitsContinue = true
    handlers.serve(request, response)
  })
  server.on('drop', () => handlers.closed('connections'))
  // Before Node's own listener: of what such a client sends, nothing is read.
  server.prependListener('secureConnection', (socket: Socket) => {
    const isBad = isUnverified(socket) && socket.getPeerX509Certificate() !== undefined
    if (!isBad && handlers.admits(socket)) return
    handlers.closed('certificate')
    socket.destroy()
  })
  server.on('clientError', (error: Error & { code?: string }, socket) => {
    socket.destroy()
    const { code = '' } = error
    if (code === noCertificate && handlers.takeUnheard()) return
    if (timeouts.includes(code)) handlers.closed('timeout')
    else if (code.startsWith('HPE_')) handlers.closed('malformed')
    else if (code === noCertificate || (demand === 'must' && isUnverified(socket)))
      handlers.closed('certificate')
    else if (code.startsWith('ERR_SSL_')) handlers.closed('malformed')
  })
  return server
}

/** Where every source wants one. */
const noCertificate = 'ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE'
const timeouts = ['ERR_HTTP_REQUEST_TIMEOUT', 'ERR_TLS_HANDSHAKE_TIMEOUT']

/** True where OpenSSL could not verify what the client showed, or where it showed nothing. */
function isUnverified(socket: unknown): socket is TLSSocket {
  return socket instanceof TLSSocket && Boolean(socket.authorizationError)
}

function create(options: IngressOptions, demand: Demand): IngressServer {
  const { tls, host, port } = options
  const shared = serverOptions(options.limits)
  if (tls === null) return createHttpServer(shared)
  try {
    return createHttpsServer({
      ...shared,
      ...secureContext(tls),
      handshakeTimeout: options.limits.headersMs,
      requestCert: demand !== 'never',
      rejectUnauthorized: demand === 'must',
    })
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
