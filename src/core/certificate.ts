/**
 * Keys and X.509 certificates for demonstrations, tests and development: made here, because a fresh
 * machine has no tool for it and Node has no function. Not a certificate authority for production.
 *
 * ECDSA with P-256 and SHA-256; version 3. Source: RFC 5280.
 */
import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { isIPv4 } from 'node:net'
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

export interface IssuedCertificate {
  /** PEM. */
  readonly certificate: string
  /** PEM, PKCS #8. */
  readonly key: string
}

export interface CertificateRequest {
  readonly commonName: string
  /** DNS names and IPv4 addresses that it is for. */
  readonly altNames: readonly string[]
  readonly days: number
}

export interface CertificateAuthority extends IssuedCertificate {
  /** For a server and a client alike. */
  issue(request: CertificateRequest): IssuedCertificate
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
} as const

/** Bits from the left: digitalSignature 0, keyCertSign 5, cRLSign 6. */
const signsCertificates = bitString(Buffer.from([0b0000_0110]), 1)
const signsHandshakes = bitString(Buffer.from([0b1000_0000]), 7)

export function makeCertificateAuthority(
  deps: CertificateDeps,
  request: { commonName: string; days: number },
): CertificateAuthority {
  const keys = newKeys()
  const certificate = certify(deps, {
    subject: request.commonName,
    issuer: request.commonName,
    days: request.days,
    publicKey: keys.publicKey,
    signer: keys,
    extensions: [
      extension(oids.basicConstraints, sequence(yes()), { critical: true }),
      extension(oids.keyUsage, signsCertificates, { critical: true }),
    ],
  })
  return {
    certificate,
    key: keyPem(keys.privateKey),
    issue(asked) {
      const own = newKeys()
      const issued = certify(deps, {
        subject: asked.commonName,
        issuer: request.commonName,
        days: asked.days,
        publicKey: own.publicKey,
        signer: keys,
        extensions: leafExtensions(asked.altNames),
      })
      return { certificate: issued, key: keyPem(own.privateKey) }
    },
  }
}

interface Keys {
  readonly publicKey: KeyObject
  readonly privateKey: KeyObject
}

interface Certified {
  readonly subject: string
  readonly issuer: string
  readonly days: number
  readonly publicKey: KeyObject
  readonly signer: Keys
  readonly extensions: readonly Buffer[]
}

function certify(deps: CertificateDeps, plan: Certified): string {
  const algorithm = sequence(objectId(oids.ecdsaWithSha256))
  const from = deps.now() - BACKDATED_MS
  const to = deps.now() + plan.days * DAY_MS
  const keyIds = [
    extension(oids.subjectKeyId, octetString(keyId(plan.publicKey))),
    extension(oids.authorityKeyId, sequence(context(0, keyId(plan.signer.publicKey), false))),
  ]
  const content = sequence(
    context(0, integer(Buffer.from([2])), true),
    integer(serialNumber(deps.random)),
    algorithm,
    name(plan.issuer),
    sequence(time(new Date(from)), time(new Date(to))),
    name(plan.subject),
    spki(plan.publicKey),
    context(3, sequence(...plan.extensions, ...keyIds), true),
  )
  const signature = sign('sha256', content, plan.signer.privateKey)
  return pem('CERTIFICATE', sequence(content, algorithm, bitString(signature)))
}

function leafExtensions(altNames: readonly string[]): Buffer[] {
  const names = altNames.map((altName) =>
    isIPv4(altName)
      ? context(7, Buffer.from(altName.split('.').map(Number)), false)
      : context(2, Buffer.from(altName), false),
  )
  const uses = sequence(objectId(oids.serverAuth), objectId(oids.clientAuth))
  const common = [
    extension(oids.basicConstraints, sequence(), { critical: true }),
    extension(oids.keyUsage, signsHandshakes, { critical: true }),
    extension(oids.extendedKeyUsage, uses),
  ]
  return names.length === 0
    ? common
    : [...common, extension(oids.subjectAltName, sequence(...names))]
}

function extension(oid: string, value: Buffer, options: { critical?: boolean } = {}): Buffer {
  const flag = options.critical === true ? [yes()] : []
  return sequence(objectId(oid), ...flag, octetString(value))
}

function name(commonName: string): Buffer {
  return sequence(set(sequence(objectId(oids.commonName), utf8(commonName))))
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
