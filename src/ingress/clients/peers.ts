/**
 * Whom the open connections belong to: found out when the first request of each comes, so that the
 * requests after it pay nothing, and again when authorities or revocations change.
 *
 * Guarantee: once `renew` or `expire` has found that a certificate no longer passes, no request of
 * its connection is taken for it any longer; what was being answered is, and then the connection is
 * closed.
 */
import type { X509Certificate } from 'node:crypto'
import type { Socket } from 'node:net'
import { setImmediate } from 'node:timers/promises'
import { TLSSocket } from 'node:tls'
import type { Headers } from '../http/field-lines.ts'
import { plainAddress } from './address-list.ts'
import { type ClientCertificate, readClientCertificate } from './client-certificate.ts'
import type { Peer } from './peer.ts'
import type { ProxyWord } from './proxy-word.ts'
import type { ClientTrust } from './trust.ts'

export interface Guest {
  readonly socket: Socket
  /** Of the connection itself. */
  peer: Peer
  /** What its client sent beside its certificate. */
  readonly others: readonly X509Certificate[]
  /** Of a declared proxy: what it says of a client is believed. */
  readonly proxy: ProxyWord | null
  /** Whom the proxy named last. */
  named: { readonly by: string; readonly peer: Peer } | null
  /** Requests that are not answered yet. */
  inFlight: number
  /** True once somebody on it has proven who it is. */
  isProven: boolean
  /** True once its certificate no longer passes: every answer closes the connection. */
  isExpelled: boolean
}

/** Certificates that are judged before other work gets a turn. */
const JUDGED_AT_ONCE = 32
/** Certificates and chains that are remembered, for sessions that are resumed. */
const MAX_KNOWN = 4096

export class Peers {
  readonly #proxy: ProxyWord | null
  #trust: ClientTrust | null
  /** Fingerprints of what was shown and passes; only who can prove a certificate gets here. */
  readonly #passed = new Set<string>()
  /** True once everybody was judged by a list that is out of date. */
  #isLapsed = false
  readonly #guests = new Map<Socket, Guest>()
  /** By fingerprint: a session that is resumed shows the certificate of the client alone. */
  readonly #chains = new Map<string, readonly X509Certificate[]>()

  constructor(options: { readonly trust: ClientTrust | null; readonly proxy: ProxyWord | null }) {
    this.#trust = options.trust
    this.#proxy = options.proxy
    this.#proxy?.trust(options.trust)
  }

  /** True for the address of a declared proxy. */
  isProxy(address: string): boolean {
    return this.#proxy?.isProxy(address) ?? false
  }

  /**
   * To be called for each connection after its handshake. False where what its client showed does
   * not pass, whatever OpenSSL found when the session began.
   */
  admits(socket: Socket, at: number): boolean {
    const { peer, others } = this.#welcome(socket)
    return peer.certificate === null || this.#passes(peer.certificate, others, at)
  }

  /** To be called for each request, and `leave` once it is answered. */
  enter(socket: Socket): Guest {
    const guest = this.#guests.get(socket) ?? this.#welcome(socket)
    guest.inFlight++
    return guest
  }

  leave(guest: Guest): void {
    guest.inFlight--
  }

  /** Throws INL_ING_PROXY_HEADERS. */
  peerOf(guest: Guest, headers: Headers, at: number): Peer {
    const { proxy, named } = guest
    if (proxy === null) return guest.peer
    const by = proxy.textOf(headers)
    if (named?.by === by) return named.peer
    const peer = proxy.read(headers, at)
    guest.named = { by, peer }
    return peer
  }

  /** Resolves to how many connections are closed once every open one was judged. */
  async renew(trust: ClientTrust | null, at: number): Promise<number> {
    this.#isLapsed = trust !== null && at > trust.goodUntil
    this.#trust = trust
    this.#passed.clear()
    this.#proxy?.trust(trust)
    for (const guest of this.#guests.values()) guest.named = null
    let [expelled, judged] = [0, 0]
    for (const guest of [...this.#guests.values()]) {
      const { certificate } = guest.peer
      if (certificate === null) continue
      if (!this.#passes(certificate, guest.others, at)) expelled += this.#expel(guest)
      if (++judged % JUDGED_AT_ONCE === 0) await setImmediate()
    }
    return expelled
  }

  #passes(
    { x509, fingerprint256, notAfter }: ClientCertificate,
    others: readonly X509Certificate[],
    at: number,
  ): boolean {
    const trust = this.#trust
    if (trust === null || at > notAfter) return false
    if (this.#passed.has(fingerprint256) && at <= trust.goodUntil) return true
    if (trust.refusal(x509, { others, at, isVerified: true }) !== null) return false
    if (this.#passed.size >= MAX_KNOWN) this.#passed.clear()
    this.#passed.add(fingerprint256)
    return true
  }

  /** Closes the connections whose certificate, or whose revocation list, is out of date. */
  expire(at: number): number {
    let expelled = 0
    if (this.#trust !== null && at > this.#trust.goodUntil && !this.#isLapsed) {
      this.#isLapsed = true
      void this.renew(this.#trust, at)
    }
    for (const guest of this.#guests.values()) {
      const { certificate } = guest.peer
      if (certificate !== null && certificate.notAfter < at) expelled += this.#expel(guest)
    }
    return expelled
  }

  #expel(guest: Guest): number {
    if (guest.isExpelled || guest.socket.destroyed) return 0
    guest.isExpelled = true
    guest.peer = { address: guest.peer.address, certificate: null }
    // What is written already still goes out.
    if (guest.inFlight === 0) guest.socket.destroySoon()
    return 1
  }

  #welcome(socket: Socket): Guest {
    const address = plainAddress(socket.remoteAddress ?? '')
    const proxy = this.isProxy(address) ? this.#proxy : null
    const shown = proxy === null ? shownBy(socket) : null
    const certificate = shown === null ? null : readClientCertificate(shown)
    const guest: Guest = {
      socket,
      peer: { address, certificate },
      others: shown === null ? [] : this.#chainOf(shown),
      proxy,
      named: null,
      inFlight: 0,
      isProven: false,
      isExpelled: false,
    }
    this.#guests.set(socket, guest)
    socket.once('close', () => this.#guests.delete(socket))
    return guest
  }

  /** What the client sent beside its certificate, now or when the session began. */
  #chainOf(leaf: X509Certificate): readonly X509Certificate[] {
    const { fingerprint256 } = leaf
    const known = new Set(this.#trust?.authorities.map((one) => one.fingerprint256))
    const others = issuersOf(leaf).filter((one) => !known.has(one.fingerprint256))
    if (others.length === 0) return this.#chains.get(fingerprint256) ?? []
    this.#chains.delete(fingerprint256)
    this.#chains.set(fingerprint256, others)
    const [oldest] = this.#chains.keys()
    if (this.#chains.size > MAX_KNOWN && oldest !== undefined) this.#chains.delete(oldest)
    return others
  }
}

function shownBy(socket: Socket): X509Certificate | null {
  return socket instanceof TLSSocket ? (socket.getPeerX509Certificate() ?? null) : null
}

function issuersOf(leaf: X509Certificate): X509Certificate[] {
  const issuers: X509Certificate[] = []
  let issuer = leaf.issuerCertificate
  while (issuer !== undefined && issuers.length < 8) {
    issuers.push(issuer)
    issuer = issuer.issuerCertificate
  }
  return issuers
}
