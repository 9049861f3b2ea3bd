/** A client certificate as the proofs see it: whom it names, and how long it is good. */
import type { X509Certificate } from 'node:crypto'
import { type CertificateNames, certificateNames } from '../../core/x509.ts'

/**
 * One object for a connection, or for as long as a declared proxy keeps naming it, so that what is
 * found out about it can be remembered beside it.
 */
export interface ClientCertificate extends CertificateNames {
  readonly x509: X509Certificate
  /** SHA-256 of the whole certificate, hexadecimal, lower case. */
  readonly fingerprint256: string
  /** Milliseconds since the epoch. */
  readonly notBefore: number
  readonly notAfter: number
}

/** Null where it is a certificate that cannot be read, which proves nothing. */
export function readClientCertificate(x509: X509Certificate): ClientCertificate | null {
  try {
    return {
      x509,
      ...certificateNames(x509.raw),
      fingerprint256: x509.fingerprint256.replaceAll(':', '').toLowerCase(),
      notBefore: x509.validFromDate.getTime(),
      notAfter: x509.validToDate.getTime(),
    }
  } catch {
    return null
  }
}
