/**
 * How TLS is spoken: versions 1.2 and 1.3, with forward secrecy and authenticated encryption only,
 * and who is asked for a certificate.
 */
import { constants } from 'node:crypto'
import type { SecureContextOptions } from 'node:tls'
import { pemBlocks } from '../../core/x509.ts'
import type { IngressOptions, TlsOptions } from '../options.ts'

/** Those of TLS 1.3, then those of 1.2 with ephemeral keys and AEAD. */
const ciphers = [
  'TLS_AES_128_GCM_SHA256',
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-RSA-CHACHA20-POLY1305',
].join(':')

/**
 * Every context has ticket keys of its own: a session that was begun under other authorities or
 * revocations is not resumed, and its client is verified anew.
 */
export function secureContext({ cert, key, minVersion, clients }: TlsOptions) {
  const options = {
    cert,
    key,
    minVersion,
    ciphers,
    honorCipherOrder: true,
    // A renegotiation could put another certificate under a connection that is known.
    secureOptions: constants.SSL_OP_NO_RENEGOTIATION,
  } satisfies SecureContextOptions
  if (clients === undefined) return options
  const { ca, crl } = clients
  return crl === null ? { ...options, ca } : { ...options, ca, crl: pemBlocks(crl, 'X509 CRL') }
}

/**
 * - `never`: no client is asked
 * - `may`: a client that shows none may go on, to the sources that want none
 * - `must`: without one that holds, the handshake fails
 *
 * Whoever shows one that does not hold is sent away in every case but `never`.
 */
export type Demand = 'never' | 'may' | 'must'

export function certificateDemand(options: IngressOptions): Demand {
  const { tls, sources, trustedProxy } = options
  const wants = sources.map(({ auth }) => auth !== 'none' && auth.clientCertificates !== undefined)
  if (tls?.clients === undefined || !wants.includes(true)) return 'never'
  // What a proxy shows is not the client's.
  return trustedProxy === undefined && wants.every(Boolean) ? 'must' : 'may'
}
