/**
 * A client certificate, as TLS or a declared proxy has proven it, that a source names.
 *
 * Nothing but another certificate can mend a wrong or a missing one, and no header can ask for
 * that: the answer is 403.
 */
import { type CertificatePattern, certificateMatcher } from '../clients/certificate-pattern.ts'
import type { ClientCertificate } from '../clients/client-certificate.ts'
import type { Proof } from './proof.ts'

/** Told once for each certificate that a source names, as often as a connection begins with it. */
export type OnMatch = (mapping: string, certificate: ClientCertificate, at: number) => void

export function clientCertificateProof(
  patterns: readonly CertificatePattern[],
  onMatch: OnMatch = () => undefined,
): Proof {
  const matchers = patterns.map(certificateMatcher)
  const found = new WeakMap<ClientCertificate, string | null>()
  const match = (certificate: ClientCertificate, at: number): string | null => {
    const known = found.get(certificate)
    if (known !== undefined) return known
    const text = matchers.find((matcher) => matcher.matches(certificate))?.text ?? null
    found.set(certificate, text)
    if (text !== null) onMatch(text, certificate, at)
    return text
  }
  return {
    name: 'certificate',
    challenge: null,
    headers: [],
    coversBody: false,
    judge({ peer: { certificate }, at }) {
      if (certificate === null || match(certificate, at) === null) return 'forbidden'
      return at < certificate.notBefore || at > certificate.notAfter ? 'forbidden' : 'holds'
    },
    proven: ({ certificate }) => (certificate === null ? null : (found.get(certificate) ?? null)),
  }
}
