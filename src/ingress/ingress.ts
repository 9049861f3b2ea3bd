/**
 * The door: takes deliveries over HTTPS, proves who sends them, makes them durable and answers.
 *
 * Guarantee: what is answered with an outcome is in the journal (I1); what is refused is counted in
 * it (I9). Limits: one listener in one process; several share nothing, so that what bounds memory
 * or a rate bounds it for each of them.
 */
import { createSecureContext } from 'node:tls'
import type { Clock } from '../core/clock.ts'
import { errorText, InletError } from '../core/errors.ts'
import type { Lifecycle } from '../core/lifecycle.ts'
import type { Random } from '../core/random.ts'
import type { SeenCache } from '../dedup/seen-cache.ts'
import type { JournalWriter } from '../journal/journal.ts'
import type { Observer } from '../observe/events.ts'
import type { Measured, Reading } from '../observe/metrics.ts'
import { Peers } from './clients/peers.ts'
import { ProxyWord } from './clients/proxy-word.ts'
import { type SeenClient, SeenClients } from './clients/seen-clients.ts'
import { secureContext } from './clients/tls.ts'
import { type ClientTrust, clientTrust } from './clients/trust.ts'
import { Connections } from './connections.ts'
import { Exchanges } from './exchange.ts'
import { Failures } from './failures.ts'
import { HealthCheck } from './health-check.ts'
import { Intake } from './intake.ts'
import type { IngressOptions, TlsOptions } from './options.ts'
import { InFlight } from './overload/in-flight.ts'
import { UnprovenPool } from './overload/unproven-pool.ts'
import { IngressServer } from './server.ts'
import { resolveSource, routeSources, type Source } from './sources.ts'
import { TALLY_EVERY_MS, Tallies } from './tallies.ts'
import { Tally } from './tally.ts'

export interface IngressDeps {
  readonly journal: JournalWriter
  readonly seenCache: SeenCache
  readonly clock: Clock
  readonly random: Random
  readonly observer: Observer
}

export interface Ingress extends Lifecycle, Measured {
  /** Where it listens; the port is that of the options until it was started. */
  readonly address: { readonly host: string; readonly port: number }
  /** The client certificates that proved a sender; another list once it has changed. */
  readonly clientsSeen: readonly SeenClient[]
  /**
   * From here on, certificate, authorities and revocations are these. Connections stay open, but
   * for those whose client would no longer be let in: they are closed after the answer in flight.
   * Resolves to how many; rejects, with nothing changed, where it cannot be used.
   */
  renewTls(tls: TlsOptions): Promise<number>
}

const IDLE_CHECK_MS = 50
/** Until the event loop has come round: connections that the kernel has taken are taken from it. */
const ONE_TURN_MS = 1
const SLOW_CHECK_MS = 1000

/** Throws INL_ING_SOURCES or INL_ING_LISTEN where the options cannot be served. */
export function openIngress(deps: IngressDeps, options: IngressOptions): Ingress {
  return new HttpIngress(deps, options)
}

class HttpIngress implements Ingress {
  readonly name = 'ingress'
  readonly #deps: IngressDeps
  readonly #options: IngressOptions
  readonly #tallies: Tallies
  readonly #measured: readonly Measured[]
  readonly #sources: readonly Source[]
  readonly #unproven: UnprovenPool
  readonly #inFlight: InFlight
  readonly #failures: Failures
  readonly #exchanges: Exchanges
  readonly #peers: Peers
  readonly #seenClients = new SeenClients()
  readonly #server: IngressServer
  readonly #connections: Connections
  #stopTimers: () => void = () => undefined
  #port: number
  #closed: Promise<void> | null = null

  constructor(deps: IngressDeps, options: IngressOptions) {
    const { seenCache, clock, random, observer } = deps
    const { limits, healthPath } = options
    const startedAt = clock.now()
    const inFlight = new InFlight(limits)
    const seenClients = this.#seenClients
    const resolving = { seenCache, seenClients, startedAt, inFlight, clock }
    const sources = options.sources.map((source) => resolveSource(source, resolving))
    const strangers = new Tally('', startedAt)
    const closed = (reason: string) => strangers.refuse(reason)
    this.#deps = deps
    this.#options = options
    this.#port = options.port
    const tallies = [strangers, ...sources.map(({ tally }) => tally)]
    this.#tallies = new Tallies(deps, tallies)
    this.#sources = sources
    this.#inFlight = inFlight
    this.#unproven = new UnprovenPool(limits.unprovenBytes)
    this.#failures = new Failures(observer)
    this.#peers = openPeers(options)
    const health = options.tls === null ? null : new HealthCheck(clock, () => this.address)
    this.#exchanges = new Exchanges(
      {
        intake: new Intake(deps, limits),
        clock,
        random,
        unproven: this.#unproven,
        inFlight,
        peers: this.#peers,
        strangers,
        failures: this.#failures,
        proven: (socket) => this.#connections.proven(socket),
        health,
      },
      {
        routes: routeSources(sources, healthPath),
        healthPath,
        limits,
      },
    )
    this.#measured = [...tallies, this.#exchanges]
    this.#server = new IngressServer(clock, options, {
      serve: (request) => {
        this.#connections.heard(request.socket)
        void this.#exchanges.serve(request)
      },
      takeUnheard: () => health?.takeUnheard() ?? false,
      admits: (socket) => this.#peers.admits(socket, clock.now()),
      closed,
    })
    this.#connections = new Connections(this.#server.net, {
      isTls: options.tls !== null,
      limits,
      isProxy: (address) => this.#peers.isProxy(address),
      closed,
    })
  }

  get address() {
    return { host: this.#options.host, port: this.#port }
  }

  get clientsSeen() {
    return this.#seenClients.list
  }

  measure(reading: Reading): void {
    for (const one of this.#measured) one.measure(reading)
    reading.number('inlet_connections', this.#connections.count, {})
    reading.number('inlet_unproven_bytes', this.#unproven.taken, {})
    reading.number('inlet_in_flight_bytes', this.#inFlight.bytes, {})
    for (const { name: source, admission } of this.#sources)
      if (admission.level !== null)
        reading.number('inlet_bucket_events', admission.level, { source })
  }

  async renewTls(tls: TlsOptions): Promise<number> {
    const { clock } = this.#deps
    const trust = trustOf(tls)
    // Node has let go of the one in use when it finds a new one wanting.
    createSecureContext(secureContext(tls))
    this.#server.setTls(tls)
    return this.#peers.renew(trust, clock.now())
  }

  /** Rejects with INL_ING_LISTEN where the address cannot be had. */
  async start(signal: AbortSignal): Promise<void> {
    if (this.#server.net.listening) return
    signal.throwIfAborted()
    await this.#listen()
    this.#stopTimers = this.#startTimers()
    this.#deps.observer('ingress_listening', { ...this.address, tls: this.#options.tls !== null })
  }

  /**
   * Takes no new connection, answers what has begun, and writes the last tallies. A connection that
   * is open may bring one more request within `lingerMs`, whose answer says that it was the last:
   * closed at once, it would cost a sender the request that was on its way.
   */
  async drain(deadline: AbortSignal): Promise<void> {
    this.#exchanges.closing = true
    await unless(deadline, this.#closeGently())
    this.#stopTimers()
    this.#failures.tell()
    await unless(deadline, this.#tallies.writeAll())
  }

  async stop(): Promise<void> {
    this.#stopTimers()
    const closed = this.#stopListening()
    this.#connections.closeAll()
    await closed
  }

  #startTimers(): () => void {
    const { clock } = this.#deps
    const stopTallies = clock.every(TALLY_EVERY_MS, () => {
      this.#failures.tell()
      void this.#tallies.write()
    })
    const stopExpiring = clock.every(TALLY_EVERY_MS, () => void this.#peers.expire(clock.now()))
    const stopSlow = clock.every(SLOW_CHECK_MS, () => this.#exchanges.closeSlow())
    const stopLooking = clock.every(this.#options.limits.keepAliveMs, () =>
      this.#connections.closeIdle(),
    )
    const stopLate = clock.every(this.#server.checkMs, () => this.#server.closeLate())
    return () => {
      stopLate()
      stopTallies()
      stopExpiring()
      stopSlow()
      stopLooking()
    }
  }

  #listen(): Promise<void> {
    const { host, port, door } = this.#options
    const { net } = this.#server
    return new Promise((resolve, reject) => {
      const failed = (error: Error) =>
        reject(new InletError('INL_ING_LISTEN', { host, port, reason: errorText(error) }, error))
      net.once('error', failed)
      net.listen(door === undefined ? { host, port } : { fd: door }, () => {
        net.off('error', failed)
        const address = net.address()
        if (typeof address === 'object' && address !== null) this.#port = address.port
        resolve()
      })
    })
  }

  async #closeGently(): Promise<void> {
    const { clock } = this.#deps
    if (this.#server.net.listening) await clock.sleep(ONE_TURN_MS)
    const over = new AbortController()
    const closed = this.#stopListening().then(() => over.abort())
    await clock.sleep(this.#options.limits.lingerMs, over.signal).catch(() => undefined)
    this.#connections.closeSilent()
    // Whatever is answered from here on leaves its connection idle at most for a moment.
    const stopLooking = clock.every(IDLE_CHECK_MS, () => this.#server.closeIdle())
    await closed
    stopLooking()
  }

  /** Resolves once the last connection is closed, of which it closes none. */
  #stopListening(): Promise<void> {
    this.#closed ??= new Promise((resolve) => {
      this.#server.net.close(() => resolve())
    })
    return this.#closed
  }
}

/** Throws INL_ING_LISTEN where authorities or revocations cannot be read. */
function openPeers({ tls, trustedProxy, host, port }: IngressOptions): Peers {
  try {
    const proxy = trustedProxy === undefined ? null : new ProxyWord(trustedProxy)
    return new Peers({ trust: trustOf(tls), proxy })
  } catch (error) {
    throw new InletError('INL_ING_LISTEN', { host, port, reason: errorText(error) }, error)
  }
}

function trustOf(tls: IngressOptions['tls']): ClientTrust | null {
  return tls?.clients === undefined ? null : clientTrust(tls.clients)
}

/** Waits for `work`, but no longer than the deadline. */
function unless(deadline: AbortSignal, work: Promise<void>): Promise<void> {
  if (deadline.aborted) return Promise.resolve()
  return new Promise((resolve) => {
    deadline.addEventListener('abort', () => resolve(), { once: true })
    void work.then(resolve)
  })
}
