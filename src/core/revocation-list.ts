/**
 * Revocation lists, as their authorities sign them: who is out, and how long the list may be
 * believed. Source: RFC 5280, section 5.
 */
import { type KeyObject, verify, type X509Certificate } from 'node:crypto'
import { type DerValue, derObjectId, derValueAt } from './der-reader.ts'
import { certificateFields, parts, pemBlocks, timeOf } from './x509.ts'

export interface RevocationList {
  /** DER of the name of the authority. */
  readonly issuer: Buffer
  /** Milliseconds since the epoch. */
  readonly thisUpdate: number
  /** Null where the list does not say when the next one comes. */
  readonly nextUpdate: number | null
  /** By serial number, hexadecimal as it stands in a certificate. */
  isRevoked(serial: string): boolean
  /** False also for a signature of a kind that is not known here. */
  isSignedBy(authority: X509Certificate): boolean
}

/** The lists of a PEM text; throws a RangeError where one cannot be read. */
export function revocationListsIn(pem: string): RevocationList[] {
  return pemBlocks(pem, 'X509 CRL').map((block) =>
    readRevocationList(Buffer.from(block.replace(/-----[^-]+-----/g, ''), 'base64')),
  )
}

export function readRevocationList(der: Buffer): RevocationList {
  const [content, algorithm, signature] = parts(derValueAt(der, 0))
  const fields = parts(content)
  const [, issuer, thisUpdate, ...rest] = fields[0]?.tag === 0x02 ? fields.slice(1) : fields
  const updatedAt = timeOf(thisUpdate)
  if (issuer === undefined || updatedAt === null) throw new RangeError('no revocation list')
  const nextUpdate = timeOf(rest[0])
  const revoked = rest.find(({ tag }) => tag === 0x30)
  let serials: ReadonlySet<string> | null = null
  return {
    issuer: issuer.whole,
    thisUpdate: updatedAt,
    nextUpdate,
    isRevoked(serial) {
      // Lists may be long, and of most of them nobody asks.
      serials ??= serialsOf(revoked)
      return serials.has(serial)
    },
    isSignedBy: (authority) =>
      content !== undefined &&
      isSigned({ content: content.whole, algorithm, signature }, authority.publicKey),
  }
}

/** True where the list is the authority's: of its name, and signed with its key. */
export function isListOf(list: RevocationList, authority: X509Certificate): boolean {
  const { subject } = certificateFields(authority.raw)
  return list.issuer.equals(subject) && list.isSignedBy(authority)
}

function serialsOf(revoked: DerValue | undefined): ReadonlySet<string> {
  const serials = new Set<string>()
  if (revoked === undefined) return serials
  for (const entry of parts(revoked))
    serials.add(derValueAt(entry.content, 0).content.toString('hex'))
  return serials
}

interface Signed {
  readonly content: Buffer
  readonly algorithm: DerValue | undefined
  readonly signature: DerValue | undefined
}

/** By the object id of the algorithm; null for one that has its hash in itself. */
const hashes: Readonly<Record<string, string | null>> = {
  '1.2.840.113549.1.1.11': 'sha256',
  '1.2.840.113549.1.1.12': 'sha384',
  '1.2.840.113549.1.1.13': 'sha512',
  '1.2.840.10045.4.3.2': 'sha256',
  '1.2.840.10045.4.3.3': 'sha384',
  '1.2.840.10045.4.3.4': 'sha512',
  '1.3.101.112': null,
  '1.3.101.113': null,
}

function isSigned({ content, algorithm, signature }: Signed, key: KeyObject): boolean {
  const [oid] = parts(algorithm)
  const hash = oid === undefined ? undefined : hashes[derObjectId(oid)]
  if (hash === undefined || signature === undefined) return false
  return verify(hash, content, key, signature.content.subarray(1))
}
