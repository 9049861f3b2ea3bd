/**
 * The listener: sockets, plain or under TLS, on which ./http speaks, with every limit set.
 *
 * A time-out and malformed HTTP close the connection without an answer: there may be another
 * request's answer on its way, and a 408 or a 400 is one that senders do not retry.
 */
import { createServer as createNetServer, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer, TLSSocket, Server as TlsServer } from 'node:tls'
import type { Clock } from '../core/clock.ts'
import { errorText, InletError } from '../core/errors.ts'
import { certificateDemand, type Demand, secureContext } from './clients/tls.ts'
import { AnswerTexts } from './http/answer.ts'
import { Connection, type HttpDeps } from './http/connection.ts'
import type { HttpRequest } from './http/request.ts'
import type { IngressOptions, TlsOptions } from './options.ts'

export interface Handlers {
  /** Called once a head is complete. */
  serve(request: HttpRequest): void
  /** True where a client without a certificate is ourselves, asking after our health. */
  takeUnheard(): boolean
  /** Asked after each handshake: false closes the connection, unheard. */
  admits(socket: Socket): boolean
  /**
   * A connection was closed without an answer: `timeout`, `malformed`, `pipelined`, `connections`,
   * or `certificate` for a client whose own does not hold. ./connections.ts tells others.
   */
  closed(reason: string): void
}

/** Connections that are being closed are still connections. */
const SPARE_CONNECTIONS = 100

/** Where every source wants one. */
const noCertificate = 'ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE'

export class IngressServer {
  readonly net: Server
  /** How late a time-out may come. */
  readonly checkMs: number
  readonly #clock: Clock
  readonly #handlers: Handlers
  readonly #demand: Demand
  readonly #http: HttpDeps
  readonly #open = new Set<Connection>()

  /** Throws INL_ING_LISTEN where certificate and key cannot be used. */
  constructor(clock: Clock, options: IngressOptions, handlers: Handlers) {
    const { limits, tls } = options
    this.checkMs = Math.ceil(Math.min(limits.headersMs, limits.requestMs) / 4)
    this.#clock = clock
    this.#handlers = handlers
    this.#demand = certificateDemand(options)
    const { serve, closed } = handlers
    this.#http = { clock, limits, texts: new AnswerTexts(clock), serve, closed }
    this.net = create(options, this.#demand)
    // Who goes when there are too many is decided in ./connections.ts.
    this.net.maxConnections = limits.connections + SPARE_CONNECTIONS
    this.net.on('drop', () => closed('connections'))
    if (tls === null) this.net.on('connection', (socket: Socket) => this.#speak(socket))
    else this.net.on('secureConnection', (socket: TLSSocket) => this.#shaken(socket))
    this.net.on('tlsClientError', (error: Error, socket: TLSSocket) => this.#failed(error, socket))
  }

  /** Throws, and changes nothing, where it cannot be used. Does nothing without TLS. */
  setTls(tls: TlsOptions): void {
    if (this.net instanceof TlsServer) this.net.setSecureContext(secureContext(tls))
  }

  /** Closes what keeps us waiting for too long. */
  closeLate(): void {
    const now = this.#clock.elapsed()
    for (const connection of this.#open) connection.closeLate(now)
  }

  /** Closes what neither asks nor is answered. */
  closeIdle(): void {
    for (const { isIdle, socket } of this.#open) if (isIdle) socket.destroySoon()
  }

  #speak(socket: Socket): void {
    if (socket.destroyed) return
    const connection = new Connection(socket, this.#http)
    this.#open.add(connection)
    socket.once('close', () => this.#open.delete(connection))
    socket.on('error', (error: Error) => this.#failed(error, socket))
  }

  #shaken(socket: TLSSocket): void {
    const isBad = isUnverified(socket) && socket.getPeerX509Certificate() !== undefined
    socket.allowHalfOpen = true
    if (!isBad && this.#handlers.admits(socket)) this.#speak(socket)
    else {
      this.#handlers.closed('certificate')
      socket.destroy()
    }
  }

  /** A socket's own fault, or that of what should be TLS. */
  #failed(error: Error & { code?: string }, socket: Socket): void {
    const { takeUnheard, closed } = this.#handlers
    const { code = '' } = error
    socket.destroy()
    if (code === noCertificate && takeUnheard()) return
    if (code === 'ERR_TLS_HANDSHAKE_TIMEOUT') closed('timeout')
    else if (code === noCertificate || (this.#demand === 'must' && isUnverified(socket)))
      closed('certificate')
    else if (code.startsWith('ERR_SSL_')) closed('malformed')
  }
}

/** True where OpenSSL could not verify what the client showed, or where it showed nothing. */
function isUnverified(socket: Socket): boolean {
  return socket instanceof TLSSocket && Boolean(socket.authorizationError)
}

function create(options: IngressOptions, demand: Demand): Server {
  const { tls, host, port, limits } = options
  // What was asked on it is answered, also where a sender closes its half at once; whoever does so
  // before a handshake is done has asked nothing, and its connection is over.
  const shared = { allowHalfOpen: tls === null, noDelay: true }
  if (tls === null) return createNetServer(shared)
  try {
    return createTlsServer({
      ...shared,
      ...secureContext(tls),
      ALPNProtocols: ['http/1.1'],
      handshakeTimeout: limits.headersMs,
      requestCert: demand !== 'never',
      rejectUnauthorized: demand === 'must',
    })
  } catch (error) {
    throw new InletError('INL_ING_LISTEN', { host, port, reason: errorText(error) }, error)
  }
}
