/** Certificates as files hold them: the chain of a server, and how long each is still good. */
import { X509Certificate } from 'node:crypto'
import type { Clock } from '../core/clock.ts'

const dayMs = 86_400_000

export interface CertificateStatus {
  readonly file: string
  readonly subject: string
  /** ISO 8601. */
  readonly notAfter: string
  /** Whole days, rounded down; negative once it has expired. */
  readonly daysLeft: number
}

/** The certificates of a PEM text, in its order; throws where one cannot be read. */
export function parseChain(pem: string): X509Certificate[] {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g) ?? []
  return blocks.map((block) => new X509Certificate(block))
}

export function certificateStatus(
  certificate: X509Certificate,
  file: string,
  clock: Clock,
): CertificateStatus {
  const notAfter = new Date(certificate.validTo)
  return {
    file,
    subject: commonName(certificate.subject),
    notAfter: notAfter.toISOString(),
    daysLeft: Math.floor((notAfter.getTime() - clock.now()) / dayMs),
  }
}

/** The common name where there is one, else all of it on one line. */
export function commonName(subject: string | undefined): string {
  return /^CN=(.*)$/m.exec(subject ?? '')?.[1] ?? (subject ?? '').replaceAll('\n', ', ')
}
