/**
 * Who is at the other end of a connection: found out once, when its first request comes, so that
 * the requests after it pay nothing.
 */
import type { Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import { plainAddress } from './address-list.ts'
import { type ClientCertificate, readClientCertificate } from './client-certificate.ts'

/** One object for a connection: what a proof finds out about it can be remembered beside it. */
export interface Peer {
  /** IPv4 or IPv6, never an IPv4 address in the form of IPv6; empty where it is gone. */
  readonly address: string
  /** Null where none was shown. Whether it may deliver is for the source to say. */
  readonly certificate: ClientCertificate | null
}

export class Peers {
  readonly #peers = new WeakMap<Socket, Peer>()

  of(socket: Socket): Peer {
    const known = this.#peers.get(socket)
    if (known !== undefined) return known
    const peer = peerOf(socket)
    this.#peers.set(socket, peer)
    return peer
  }
}

function peerOf(socket: Socket): Peer {
  return { address: plainAddress(socket.remoteAddress ?? ''), certificate: certificateOf(socket) }
}

function certificateOf(socket: Socket): ClientCertificate | null {
  if (!(socket instanceof TLSSocket)) return null
  const x509 = socket.getPeerX509Certificate()
  return x509 === undefined ? null : readClientCertificate(x509)
}
