/**
 * Keys and X.509 certificates for demonstrations, tests and development: made here, because a fresh
 * machine has no tool for it and Node has no function. Not a certificate authority for production.
 *
 * ECDSA with P-256 and SHA-256; version 3. Source: RFC 5280.
 */
import {
  createHash,
  createPrivateKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
  X509Certificate,
} from 'node:crypto'
import { isIP } from 'node:net'
import {
  bitString,
  context,
  integer,
  objectId,
  octetString,
  sequence,
  set,
  time,
  utf8,
  yes,
} from './der.ts'
import type { Random } from './random.ts'
import { addressBytes, certificateFields } from './x509.ts'

export interface IssuedCertificate {
  /** PEM. */
  readonly certificate: string
  /** PEM, PKCS #8. */
  readonly key: string
}

export interface CertificateRequest {
  readonly commonName: string
  /** DNS names and addresses that it is for; `URI:` and `email:` before those. */
  readonly altNames: readonly string[]
  readonly days: number
  /** What it may be shown as; both where it is left out. */
  readonly use?: 'server' | 'client'
}

export interface CertificateAuthority extends IssuedCertificate {
  issue(request: CertificateRequest): IssuedCertificate
  /**
   * A revocation list, PEM, of all that is revoked; it has to be renewed within its days, after
   * which nobody who looks at it lets anyone in.
   */
  revoke(revoked: readonly RevokedCertificate[], days: number): string
}

export interface RevokedCertificate {
  /** PEM. */
  readonly certificate: string
  /** Milliseconds since the epoch. */
  readonly at: number
}

export interface CertificateDeps {
  readonly random: Random
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

const DAY_MS = 86_400_000
/** Clocks of clients may be behind ours by this much. */
const BACKDATED_MS = 3_600_000

const oids = {
  commonName: '2.5.4.3',
  ecdsaWithSha256: '1.2.840.10045.4.3.2',
  basicConstraints: '2.5.29.19',
  keyUsage: '2.5.29.15',
  extendedKeyUsage: '2.5.29.37',
  serverAuth: '1.3.6.1.5.5.7.3.1',
  clientAuth: '1.3.6.1.5.5.7.3.2',
  subjectAltName: '2.5.29.17',
  subjectKeyId: '2.5.29.14',
  authorityKeyId: '2.5.29.35',
  crlNumber: '2.5.29.20',
} as const

const ecdsaWithSha256 = sequence(objectId(oids.ecdsaWithSha256))

/** Bits from the left: digitalSignature 0, keyCertSign 5, cRLSign 6. */
const signsCertificates = bitString(Buffer.from([0b0000_0110]), 1)
const signsHandshakes = bitString(Buffer.from([0b1000_0000]), 7)

export function makeCertificateAuthority(
  deps: CertificateDeps,
  request: { commonName: string; days: number },
): CertificateAuthority {
  const keys = newKeys()
  const name = commonName(request.commonName)
  const certificate = certify(deps, {
    subject: name,
    issuer: name,
    days: request.days,
    publicKey: keys.publicKey,
    signer: keys,
    extensions: [
      extension(oids.basicConstraints, sequence(yes()), { critical: true }),
      extension(oids.keyUsage, signsCertificates, { critical: true }),
    ],
  })
  return authority(deps, { certificate, key: keyPem(keys.privateKey) }, keys)
}

/** Throws where the two are no certificate and its key. */
export function openCertificateAuthority(
  deps: CertificateDeps,
  issued: IssuedCertificate,
): CertificateAuthority {
  const { publicKey } = new X509Certificate(issued.certificate)
  return authority(deps, issued, { publicKey, privateKey: createPrivateKey(issued.key) })
}

function authority(
  deps: CertificateDeps,
  issued: IssuedCertificate,
  signer: Keys,
): CertificateAuthority {
  const issuer = certificateFields(new X509Certificate(issued.certificate).raw).subject
  return {
    ...issued,
    issue(asked) {
      const own = newKeys()
      const certificate = certify(deps, {
        subject: commonName(asked.commonName),
        issuer,
        days: asked.days,
        publicKey: own.publicKey,
        signer,
        extensions: leafExtensions(asked),
      })
      return { certificate, key: keyPem(own.privateKey) }
    },
    revoke(revoked, days) {
      const now = deps.now()
      const entries = revoked.map(({ certificate, at }) => {
        const { serial } = certificateFields(new X509Certificate(certificate).raw)
        return sequence(integer(Buffer.from(serial, 'hex')), time(new Date(at)))
      })
      const content = sequence(
        integer(Buffer.from([1])),
        ecdsaWithSha256,
        issuer,
        time(new Date(now - BACKDATED_MS)),
        time(new Date(now + days * DAY_MS)),
        ...(entries.length === 0 ? [] : [sequence(...entries)]),
        context(
          0,
          sequence(
            authorityKeyId(signer.publicKey),
            extension(oids.crlNumber, integer(numberBytes(now))),
          ),
          true,
        ),
      )
      return pem('X509 CRL', signed(content, signer))
    },
  }
}

interface Keys {
  readonly publicKey: KeyObject
  readonly privateKey: KeyObject
}

interface Certified {
  readonly subject: Buffer
  readonly issuer: Buffer
  readonly days: number
  readonly publicKey: KeyObject
  readonly signer: Keys
  readonly extensions: readonly Buffer[]
}

function certify(deps: CertificateDeps, plan: Certified): string {
  const from = deps.now() - BACKDATED_MS
  const to = deps.now() + plan.days * DAY_MS
  const keyIds = [
    extension(oids.subjectKeyId, octetString(keyId(plan.publicKey))),
    authorityKeyId(plan.signer.publicKey),
  ]
  const content = sequence(
    context(0, integer(Buffer.from([2])), true),
    integer(serialNumber(deps.random)),
    ecdsaWithSha256,
    plan.issuer,
    sequence(time(new Date(from)), time(new Date(to))),
    plan.subject,
    spki(plan.publicKey),
    context(3, sequence(...plan.extensions, ...keyIds), true),
  )
  return pem('CERTIFICATE', signed(content, plan.signer))
}

function signed(content: Buffer, signer: Keys): Buffer {
  const signature = sign('sha256', content, signer.privateKey)
  return sequence(content, ecdsaWithSha256, bitString(signature))
}

function authorityKeyId(key: KeyObject): Buffer {
  return extension(oids.authorityKeyId, sequence(context(0, keyId(key), false)))
}

function leafExtensions({ altNames, use }: CertificateRequest): Buffer[] {
  const uses = [
    ...(use === 'client' ? [] : [objectId(oids.serverAuth)]),
    ...(use === 'server' ? [] : [objectId(oids.clientAuth)]),
  ]
  const common = [
    extension(oids.basicConstraints, sequence(), { critical: true }),
    extension(oids.keyUsage, signsHandshakes, { critical: true }),
    extension(oids.extendedKeyUsage, sequence(...uses)),
  ]
  return altNames.length === 0
    ? common
    : [...common, extension(oids.subjectAltName, sequence(...altNames.map(altName)))]
}

function altName(text: string): Buffer {
  if (text.startsWith('email:')) return context(1, Buffer.from(text.slice(6)), false)
  if (text.startsWith('URI:')) return context(6, Buffer.from(text.slice(4)), false)
  if (isIP(text) !== 0) return context(7, addressBytes(text), false)
  return context(2, Buffer.from(text), false)
}

function extension(oid: string, value: Buffer, options: { critical?: boolean } = {}): Buffer {
  const flag = options.critical === true ? [yes()] : []
  return sequence(objectId(oid), ...flag, octetString(value))
}

function commonName(text: string): Buffer {
  return sequence(set(sequence(objectId(oids.commonName), utf8(text))))
}

function numberBytes(value: number): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64BE(BigInt(Math.trunc(value)))
  return bytes
}

/** At most twenty bytes, above zero. */
function serialNumber(random: Random): Buffer {
  const bytes = Buffer.from(random.bytes(16))
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40
  return bytes
}

function newKeys(): Keys {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' })
}

function spki(key: KeyObject): Buffer {
  return key.export({ type: 'spki', format: 'der' })
}

function keyId(key: KeyObject): Buffer {
  return createHash('sha1').update(spki(key)).digest()
}

function keyPem(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' }).toString()
}

function pem(label: string, der: Buffer): string {
  const lines = der.toString('base64').replace(/.{64}(?=.)/g, '$&\n')
  return `-----BEGIN ${label}-----\n${lines}\n-----END ${label}-----\n`
}
