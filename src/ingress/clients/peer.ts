/** Who sends a request, as far as its connection and a declared proxy tell. */
import type { ClientCertificate } from './client-certificate.ts'

/**
 * One object for as long as it is the same client on the same connection: what a proof finds out
 * about it can be remembered beside it.
 */
export interface Peer {
  /** IPv4 or IPv6, never an IPv4 address in the form of IPv6; empty where nobody can tell. */
  readonly address: string
  /** Verified, and null where none was shown. Whether it may deliver is for the source to say. */
  readonly certificate: ClientCertificate | null
}
