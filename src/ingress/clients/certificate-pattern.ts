/**
 * Which certificates are a sender's: those that bear a common name, an alternative name, or are one
 * certificate.
 *
 * Everything is compared whole: no part of a name, no wildcard, no name in the place of another
 * kind. A subject of several common names has none that could be meant.
 */
import { isIP } from 'node:net'
import { type AltName, canonicalAddress } from '../../core/x509.ts'
import type { ClientCertificate } from './client-certificate.ts'

export type CertificatePattern =
  | { readonly commonName: string }
  /** With or without its kind: `DNS:a.example`, `URI:`, `email:`, `IP:`. */
  | { readonly san: string }
  /** Hexadecimal, with or without colons. */
  | { readonly fingerprint256: string }

export interface CertificateMatcher {
  /** For people and for the sender's identity, such as `CN=genesys-prod`. */
  readonly text: string
  matches(certificate: ClientCertificate): boolean
}

export function certificateMatcher(pattern: CertificatePattern): CertificateMatcher {
  if ('commonName' in pattern) {
    const { commonName } = pattern
    return {
      text: `CN=${commonName}`,
      matches: ({ commonNames }) => commonNames.length === 1 && commonNames[0] === commonName,
    }
  }
  if ('fingerprint256' in pattern) {
    const fingerprint = pattern.fingerprint256.replaceAll(':', '').toLowerCase()
    return {
      text: `SHA256=${fingerprint}`,
      matches: ({ fingerprint256 }) => fingerprint256 === fingerprint,
    }
  }
  const wanted = altNameOf(pattern.san)
  return {
    text: `${wanted.kind}=${wanted.value}`,
    matches: ({ altNames }) => altNames.some((one) => isSame(one, wanted)),
  }
}

const kinds = ['DNS', 'URI', 'email', 'IP'] as const

/** A kind that is not written is the one that the name has the form of. */
function altNameOf(text: string): AltName {
  const kind = kinds.find((one) => text.startsWith(`${one}:`))
  if (kind !== undefined) return canonical({ kind, value: text.slice(kind.length + 1) })
  if (isIP(text) !== 0) return canonical({ kind: 'IP', value: text })
  if (/^[A-Za-z][A-Za-z0-9+.-]*:/.test(text)) return { kind: 'URI', value: text }
  return canonical({ kind: text.includes('@') ? 'email' : 'DNS', value: text })
}

function canonical({ kind, value }: AltName): AltName {
  if (kind === 'IP' && isIP(value) !== 0) return { kind, value: canonicalAddress(value) }
  return { kind, value: kind === 'DNS' ? value.toLowerCase() : value }
}

/** Names of hosts are the same in every case of their letters. */
function isSame(one: AltName, wanted: AltName): boolean {
  if (one.kind !== wanted.kind) return false
  return (one.kind === 'DNS' ? one.value.toLowerCase() : one.value) === wanted.value
}
