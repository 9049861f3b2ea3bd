/**
 * Whether a client certificate comes from an authority that is trusted, and is not revoked.
 *
 * OpenSSL asks this once, in a full handshake. Here it is asked again: of every connection when it
 * begins, because a session may be resumed and files renewed during a handshake; of the open ones
 * when authorities or revocations change; and of certificates that a proxy shows. Guarantee:
 * nothing passes here that OpenSSL would refuse for its issuers, times or revocation; like there,
 * a list that is past its next update lets nobody in.
 *
 * Limits: of a certificate that OpenSSL has not seen, extensions that constrain names are not
 * understood: a chain with one does not pass.
 */
import type { X509Certificate } from 'node:crypto'
import { derValueAt } from '../../core/der-reader.ts'
import { type RevocationList, revocationListsIn } from '../../core/revocation-list.ts'
import { certificateFields, certificatesIn, parts } from '../../core/x509.ts'
import type { ClientTrustOptions } from '../options.ts'

export interface ClientTrust {
  readonly authorities: readonly X509Certificate[]
  /** Null where nothing is ever revoked. */
  readonly lists: readonly RevocationList[] | null
  /** When the first of the lists is past its next update; milliseconds since the epoch. */
  readonly goodUntil: number
  /** Null where it passes, else why not, in words. Never throws. */
  refusal(leaf: X509Certificate, about: Judged): string | null
}

export interface Judged {
  /** Certificates that may stand between it and an authority. */
  readonly others: readonly X509Certificate[]
  /** Milliseconds since the epoch. */
  readonly at: number
  /** True where OpenSSL has found what the chain may be used for, which does not change. */
  readonly isVerified?: boolean
}

const MAX_CHAIN = 6
const clientAuth = '1.3.6.1.5.5.7.3.2'
const anyUse = '2.5.29.37.0'
const basicConstraints = '2.5.29.19'
/** keyUsage, extendedKeyUsage, certificatePolicies. */
const understood = ['2.5.29.15', '2.5.29.37', '2.5.29.32']
const nameConstraints = '2.5.29.30'

/** Throws where a certificate or a list cannot be read. */
export function clientTrust({ ca, crl }: ClientTrustOptions): ClientTrust {
  const authorities = certificatesIn(ca)
  const lists = crl === null ? null : revocationListsIn(crl)
  return {
    authorities,
    lists,
    goodUntil: Math.min(...(lists ?? []).flatMap(({ nextUpdate }) => nextUpdate ?? [])),
    refusal(leaf, about) {
      try {
        return refusalOf(leaf, about, { authorities, lists })
      } catch {
        // Untrusted input, which OpenSSL may read more generously.
        return 'its chain cannot be read'
      }
    },
  }
}

function refusalOf(
  leaf: X509Certificate,
  { others, at, isVerified = false }: Judged,
  { authorities, lists }: Pick<ClientTrust, 'authorities' | 'lists'>,
): string | null {
  const uses = leaf.keyUsage
  if (uses !== undefined && !uses.includes(clientAuth) && !uses.includes(anyUse))
    return 'it is not for clients'
  const chain = chainOf(leaf, { authorities, others })
  if (chain === null) return 'no authority that is trusted has issued it'
  if (!isVerified && !chain.every(isUnderstood)) return 'its chain is constrained'
  return chainRefusal(chain, { lists, at })
}

interface Issuers {
  readonly authorities: readonly X509Certificate[]
  readonly others: readonly X509Certificate[]
}

/** From the leaf to a root that is trusted, both included. */
function chainOf(
  certificate: X509Certificate,
  issuers: Issuers,
  below: readonly X509Certificate[] = [],
): X509Certificate[] | null {
  if (isRoot(certificate)) return isTrusted(certificate, issuers) ? [certificate] : null
  if (below.length >= MAX_CHAIN) return null
  for (const issuer of [...issuers.authorities, ...issuers.others]) {
    if (issuer === certificate || below.includes(issuer)) continue
    if (!hasIssued(issuer, certificate)) continue
    const rest = chainOf(issuer, issuers, [...below, certificate])
    if (rest !== null) return [certificate, ...rest]
  }
  return null
}

function isRoot(certificate: X509Certificate): boolean {
  return certificate.checkIssued(certificate) && certificate.verify(certificate.publicKey)
}

function isTrusted({ raw }: X509Certificate, { authorities }: Issuers): boolean {
  return authorities.some((authority) => authority.raw.equals(raw))
}

function hasIssued(issuer: X509Certificate, certificate: X509Certificate): boolean {
  return issuer.ca && certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey)
}

function chainRefusal(
  chain: readonly X509Certificate[],
  { lists, at }: { lists: readonly RevocationList[] | null; at: number },
): string | null {
  for (const certificate of chain) {
    if (at < certificate.validFromDate.getTime()) return 'it is not valid yet'
    if (at > certificate.validToDate.getTime()) return 'it has expired'
    const reason = lists === null ? null : revocation(certificate, { lists, at })
    if (reason !== null) return reason
  }
  return null
}

function revocation(
  certificate: X509Certificate,
  { lists, at }: { lists: readonly RevocationList[]; at: number },
): string | null {
  const { serial, issuer } = certificateFields(certificate.raw)
  const own = lists.filter((list) => list.issuer.equals(issuer))
  if (own.some((list) => list.isRevoked(serial))) return 'it is revoked'
  const isFresh = own.some(({ nextUpdate }) => nextUpdate === null || nextUpdate >= at)
  return isFresh ? null : 'no revocation list of its issuer is in date'
}

/** `index`: how many certificates stand below it. */
function isUnderstood(certificate: X509Certificate, index: number): boolean {
  if (index === 0) return true
  return certificateFields(certificate.raw).extensions.every(({ oid, critical, value }) => {
    if (oid === nameConstraints) return false
    if (oid === basicConstraints) return index - 1 <= pathLength(value)
    return !critical || understood.includes(oid)
  })
}

/** How many authorities may stand below the one with these basicConstraints. */
function pathLength(value: Buffer): number {
  const limit = parts(derValueAt(value, 0)).find(({ tag }) => tag === 0x02)
  return limit === undefined ? Infinity : Number.parseInt(limit.content.toString('hex'), 16)
}
